//go:build !linux || portable

package mem

func membarrierRegister() bool { return false }

func membarrier() bool { return false }
