package dashboard

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// load is a group of two workers and a goroutine that keeps it busy.
type load struct {
	*group.Group[exec.Task]
	lopsided atomic.Bool // all goes to the first worker
}

func begun(t *testing.T) *load {
	l := &load{}
	ctx, cancel := context.WithCancel(context.Background()) // one for both: what Block returns is no fault once it has ended
	g, err := group.New(group.Config[exec.Task]{
		Name: "work", Workers: 2, Depth: 64, OnFull: group.Block(ctx),
		Exec: exec.Config{StallAfter: 100 * time.Millisecond}, // a browser on the same machine holds everybody up for less
	})
	require.NoError(t, err)
	l.Group = g
	require.NoError(t, g.Start())
	var senders sync.WaitGroup
	senders.Go(func() { l.send(ctx, t) })
	t.Cleanup(func() {
		cancel()
		senders.Wait()
		g.Stop()
		require.NoError(t, g.Wait())
	})
	return l
}

// send sends tasks that compute, about as many as a third of a core can do.
func (l *load) send(ctx context.Context, t *testing.T) {
	p, err := l.Producer()
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _, _ = p.Close() }()
	compute := exec.Func(func(*exec.Local) {
		for begin := time.Now(); time.Since(begin) < 100*time.Microsecond; {
		}
	})
	for n := 0; ctx.Err() == nil; n++ {
		to := n % 2
		if l.lopsided.Load() {
			to = 0
		}
		if err := p.SendTo(to, compute); err != nil && ctx.Err() == nil {
			t.Error(err)
			return
		}
		if n%16 == 0 {
			_, _ = p.Flush() // an error comes again with the next Send
			time.Sleep(3 * time.Millisecond)
		}
	}
}

// What a real group does is seen: the bars move, and so is it when one worker gets everything.
func TestGroupUnderLoad(t *testing.T) {
	l := begun(t)
	p := open(t, l)
	p.look(1280, "light")
	p.eventually(`[...document.querySelectorAll('[role=meter]')].filter(e => e.getAttribute('aria-valuenow') > 0).length === 2`, "both work")
	p.requireMoving(meters)
	p.eventually(`!(`+uneven+`)`, "the work is spread evenly")
	l.lopsided.Store(true)
	p.eventually(uneven, "it is not any more")
	p.shoot("uneven")
	l.lopsided.Store(false)
	p.eventually(`!(`+uneven+`)`, "it is again")
	require.Empty(t, p.complaints())
}

// A task that keeps its loop from working is named.
func TestStallOfAGroup(t *testing.T) {
	l := begun(t)
	p := open(t, l)
	require.NoError(t, l.Send(t.Context(), exec.Func(loiter)))
	p.eventually(`/task took [^]*loiter/.test(document.getElementById('alerts').textContent)`, "the stall is told of, with its stack")
	p.shoot("stall")
	require.Empty(t, p.complaints())
}

// loiter is what a task must not do.
func loiter(*exec.Local) { time.Sleep(300 * time.Millisecond) }
