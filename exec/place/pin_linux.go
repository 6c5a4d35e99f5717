//go:build linux && !portable

package place

import (
	"fmt"
	"slices"
)

func pin(s Set) (Set, error) { return kernel{allowed, setThreadMask, ownMask}.pin(s) }

// kernel is what pin asks of the system, so that a test can be a kernel that refuses.
type kernel struct {
	allowed func() (Set, error) // the process's cpus
	set     func(Set) error     // sets the calling thread's mask
	mask    func() (Set, error) // reads it
}

func (k kernel) pin(s Set) (Set, error) {
	allowed, err := k.allowed()
	if err != nil {
		return nil, err
	}
	if err := check(s, allowed); err != nil {
		return nil, err
	}
	if err := k.set(s); err != nil {
		return nil, fmt.Errorf("place: pinning to cpus %s (allowed: %s): %w", s, allowed, err)
	}
	got, err := k.mask()
	if err != nil {
		return nil, fmt.Errorf("place: pinned to cpus %s, but reading the mask back: %w", s, err)
	}
	if !slices.Equal(got, Of(s...)) {
		return got, fmt.Errorf("place: pinning to cpus %s: the kernel granted %s", s, show(got))
	}
	return got, nil
}

// ownMask reads the mask of the calling thread.
func ownMask() (Set, error) {
	mask, err := threadMask(0)
	if err != nil {
		return nil, err
	}
	return setOf(mask), nil
}
