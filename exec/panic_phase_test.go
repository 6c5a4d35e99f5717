package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// With a panic in every phase a turn still goes through all of them.
func TestPanicInEveryPhaseOfOneTurn(t *testing.T) {
	var seen reports
	now := time.Duration(0)
	x := stepped(t, exec.Config{OnPanic: seen.add, Clock: func() time.Duration { return now }})
	armed := false
	when := func(f func()) func() {
		return func() {
			if armed {
				f()
			}
		}
	}
	inOneStep(t, x, func(l *exec.Local) {
		l.AddSource(pollFunc(when(func() { panic(boom("source")) })))
		l.AddFlusher(flushFunc(when(func() { panic(boom("flusher")) })))
		l.After(time.Second, boom("timer"))
		l.Spawn(exec.Func(func(l *exec.Local) { l.Spawn(boom("unused")) }))
	})
	settle(x)
	seen = nil
	x.TrySend(exec.Func(func(l *exec.Local) { l.Spawn(boom("queue")) }))
	x.Step()
	armed, now = true, time.Second
	x.TryControl(boom("control"))
	x.TrySend(boom("inbox"))
	x.Step()
	var where []any
	for _, p := range seen {
		where = append(where, p.Value)
	}
	require.Equal(t, []any{boom("control"), boom("queue"), boom("inbox"), boom("source"), boom("timer"), boom("flusher")}, where)
	armed = false
	settle(x)
	settled(t, 8, x.Stats())
}

// What panics in every turn starves nothing else: neither later phases nor what
// comes after it in the same phase.
func TestPanicInEveryTurnStarvesNobody(t *testing.T) {
	const turns = 10
	for name, tc := range map[string]struct {
		setup func(l *exec.Local)                 // adds what panics
		again func(x *exec.Exec, bad func() bool) // before each turn
	}{
		"control": {again: func(x *exec.Exec, _ func() bool) { x.TryControl(boom("")) }},
		"inbox":   {again: func(x *exec.Exec, _ func() bool) { x.TrySend(boom("")) }},
		"queue": {setup: func(l *exec.Local) {
			var self exec.Func
			self = func(l *exec.Local) { l.Spawn(self); panic("") }
			l.Spawn(self)
		}},
		"timer": {setup: func(l *exec.Local) {
			var self exec.Func
			self = func(l *exec.Local) { l.After(0, self); panic("") }
			l.After(0, self)
		}},
		"handler": {again: func(_ *exec.Exec, bad func() bool) { bad() }},
		"source":  {setup: func(l *exec.Local) { l.AddSource(pollFunc(func() { panic("") })) }},
		"flusher": {setup: func(l *exec.Local) { l.AddFlusher(flushFunc(func() { panic("") })) }},
	} {
		t.Run(name, func(t *testing.T) {
			var seen reports
			x := stepped(t, exec.Config{OnPanic: seen.add})
			var control, queue, inbox, typed, source, timer, flusher int
			bad, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, _ []int) int { panic("") }})
			require.NoError(t, err)
			good, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
				typed += len(batch)
				return len(batch)
			}})
			require.NoError(t, err)
			inOneStep(t, x, func(l *exec.Local) {
				if tc.setup != nil {
					tc.setup(l)
				}
				// After what panics, in every phase.
				l.AddSource(pollFunc(func() { source++ }))
				l.AddFlusher(flushFunc(func() { flusher++ }))
				var again exec.Func
				again = func(l *exec.Local) { timer++; l.After(0, again) }
				l.After(0, again)
				var post exec.Func
				post = func(l *exec.Local) { queue++; l.Spawn(post) }
				l.Spawn(post)
			})
			x.Step()
			control, queue, inbox, typed, source, timer, flusher = 0, 0, 0, 0, 0, 0, 0
			for range turns {
				if tc.again != nil {
					tc.again(x, func() bool { return bad.TrySend(1) })
				}
				x.TryControl(exec.Func(func(*exec.Local) { control++ }))
				x.TrySend(exec.Func(func(*exec.Local) { inbox++ }))
				good.TrySend(1)
				x.Step()
			}
			require.GreaterOrEqual(t, len(seen), turns)
			for what, n := range map[string]int{"control": control, "queue": queue, "inbox": inbox, "typed": typed, "source": source, "timer": timer, "flusher": flusher} {
				require.GreaterOrEqual(t, n, turns/2, "%s was starved", what)
			}
		})
	}
}
