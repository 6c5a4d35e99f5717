//go:build !race && !execcheck

package exec

import "github.com/pushcore/pushcore/internal/gid"

// Checked says that this build does not verify that a Local is used on its loop.
const Checked = false

func (l *Local) enter() {
	l.owner.Store(gid.Current())
	loops.add(gid.Current())
}

func (l *Local) check() {}
