//go:build !race && !execcheck

package exec

import "github.com/pushcore/pushcore/internal/gid"

// Checked says that this build does not verify that a Local is used on its loop.
const Checked = false

//lint:ignore U1000 checked builds have something in it
type guard struct{}

func (l *Local) enter() {
	l.owner.Store(gid.Current())
	loops.add(gid.Current())
}

func (l *Local) check() {}
