//go:build (amd64 || arm64) && !portable

package gid

// current returns the address of the runtime's record of this goroutine.
func current() uintptr
