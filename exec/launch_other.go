//go:build !linux

package exec

func onFirstThread() bool { return false }
