//go:build !linux || portable

package place

import (
	"errors"
	"fmt"
	"runtime"
)

// What the package does where threads cannot be pinned: enough for a program to start, to print what it would have
// done, and to run unpinned.

func allowed() (Set, error) {
	s := make(Set, runtime.NumCPU())
	for cpu := range s {
		s[cpu] = cpu
	}
	return s, nil
}

func layout(allowed Set) []CPU { return flat(allowed) }

func pin(s Set) (Set, error) {
	return nil, fmt.Errorf("place: pinning to cpus %s: %w", show(s), unsupported())
}

func current() (int, error) {
	return 0, fmt.Errorf("place: asking for the current cpu: %w", unsupported())
}

func quota() (float64, bool) { return 0, false }

func unsupported() error {
	return fmt.Errorf("%w in this build (%s/%s)", errors.ErrUnsupported, runtime.GOOS, runtime.GOARCH)
}
