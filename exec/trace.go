package exec

import (
	"context"
	"runtime/trace"
	"time"
)

// While an execution trace is taken (runtime/trace, a flight recorder), each Exec is a task in it, and what its turns
// do are regions: "tasks", "timers", "coroutines", and one for each batch and each poll, by the name of the inbox or the
// source. Otherwise a turn pays for one load.

// traced is called when a turn finds that a trace was begun or ended, and every traceRenewed while there is one: what a
// flight recorder keeps may begin long after the trace.
//
//go:noinline
func (l *Local) traced() {
	l.endTrace()
	if l.tracing = trace.IsEnabled(); l.tracing {
		l.traceCtx, l.traceTask = trace.NewTask(l.x.context(), "exec "+l.x.cfg.Name)
		l.tracedAt = l.lastTicks
	}
}

// endTrace ends the task, if there is one.
func (l *Local) endTrace() {
	if l.tracing {
		l.tracing = false
		l.traceTask.End()
		l.traceCtx, l.traceTask = nil, nil
	}
}

const traceRenewed = time.Second

// inRegion calls f in a region.
func (l *Local) inRegion(name string, f func() int) int {
	defer trace.StartRegion(l.traceCtx, name).End()
	return f()
}

// Context returns a context with the loop's labels for profiles, for those who add labels of their own (pprof.Do takes
// away all labels that its context does not have), and with its task in an execution trace, for regions and logs. It
// never ends.
func (l *Local) Context() context.Context {
	l.check()
	if l.tracing {
		return l.traceCtx
	}
	return l.x.context()
}

func (x *Exec) context() context.Context {
	if x.ctx == nil {
		return context.Background() // it is stepped
	}
	return x.ctx
}
