package exec

import (
	"context"
	"runtime/pprof"
	"strconv"
	"sync/atomic"
)

// Labels in profiles: of the goroutine that is the loop, and of all that are begun there, coroutines among them.
const (
	labelExec = "exec"    // the Exec's name
	labelID   = "exec_id" // a number, because names may be given twice
)

var lastID atomic.Uint64

func newID() string { return strconv.FormatUint(lastID.Add(1), 10) }

// label gives the calling goroutine the labels of x's loop.
func (x *Exec) label() { x.ctx = label(x.cfg.Name, labelID, x.id) }

func label(name string, more ...string) context.Context {
	ctx := pprof.WithLabels(context.Background(), pprof.Labels(append([]string{labelExec, name}, more...)...))
	pprof.SetGoroutineLabels(ctx)
	return ctx
}
