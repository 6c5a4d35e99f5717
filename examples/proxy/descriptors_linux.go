package main

import "golang.org/x/sys/unix"

// descriptors is how many files this process may have open.
func descriptors() (uint64, bool) {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return 0, false
	}
	return l.Cur, true
}
