//go:build !linux

package exec_test

func threadCount() int { return 0 }
