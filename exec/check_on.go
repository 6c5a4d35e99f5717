//go:build race || execcheck

package exec

import (
	"fmt"
	"sync/atomic"

	"github.com/pushcore/pushcore/internal/gid"
)

// Checked says that this build verifies that every Local is used on its loop.
const Checked = true

// guard has owner as stack traces show it.
type guard struct{ ownerNumber atomic.Uint64 }

// number is a goroutine as stack traces show it.
type number struct{ n uint64 }

func (n *number) set() { n.n = gid.Number() }

// numbered notes who holds the loop.
func (l *Local) numbered(s *strand) { l.ownerNumber.Store(s.n) }

// check panics when the caller is not on the loop.
func (l *Local) check() {
	if uintptr(l.owner.Load()) == gid.Current() {
		return
	}
	where := "no turn of it is running"
	if l.owner.Load() != 0 {
		where = fmt.Sprintf("its loop is goroutine %d", l.ownerNumber.Load())
	}
	panic(fmt.Sprintf("exec: the Local of Exec %q was used on goroutine %d, but %s: a Local may be used only by what runs on its loop; send a Task through the *Exec instead", l.x.cfg.Name, gid.Number(), where))
}
