//go:build (!amd64 && !arm64) || portable

package gid

func current() uintptr { return uintptr(Number()) }
