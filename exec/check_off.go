//go:build !race && !execcheck

package exec

// Checked says that this build does not verify that a Local is used on its loop.
const Checked = false

//lint:ignore U1000 checked builds have something in it
type guard struct{}

//lint:ignore U1000 checked builds have something in it
type number struct{}

func (number) set() {}

func (l *Local) numbered(*strand) {}

func (l *Local) check() {}
