package exectest_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

// world is a few Execs that send each other tasks and messages in every way there is,
// through small rings, hold back, and panic. It keeps account of all that was accepted.
type world struct {
	t     *testing.T
	sim   *exectest.Sim
	rng   *rand.Rand
	nodes []*node
	left  int // things still to do: a world ends

	mayPanic bool           // OnPanic is set
	accepted uint64         // tasks and messages
	sent     map[stream]int // messages accepted
	seen     map[stream]int // messages handled, failed or returned
}

type node struct {
	w     *world
	id    int
	x     *exec.Exec
	in    *exec.Inbox[msg]
	lanes []*exec.Lane[msg] // to each node
	cfg   exec.Config
	cap   int // of in
}

// stream is messages that must stay in order.
type stream struct {
	from, to int
	lane     bool
}

type msg struct {
	stream
	seq int
}

func newWorld(t *testing.T, cfg exectest.Config) *world {
	s := newSim(t, cfg)
	w := &world{t: t, sim: s, rng: s.Rand(), left: 150, sent: map[stream]int{}, seen: map[stream]int{}}
	small := func() int { return 1 + w.rng.IntN(4) }
	var onPanic func(exec.Panic)
	if w.rng.IntN(2) == 0 {
		onPanic, w.mayPanic = func(exec.Panic) {}, true
	}
	n := 1 + w.rng.IntN(4)
	for id := range n {
		n := &node{w: w, id: id, cap: small(), cfg: exec.Config{LocalCap: small(), InboxCap: small(), ControlCap: small(),
			MaxTimers: small(), Burst: small(), LocalBudget: small(), OnPanic: onPanic}}
		n.x = newExec(t, s, n.cfg)
		var err error
		n.in, err = exec.NewInbox(n.x, exec.InboxConfig[msg]{Cap: n.cap, LaneCap: small(), Handle: n.handle})
		require.NoError(t, err)
		w.nodes = append(w.nodes, n)
	}
	for _, n := range w.nodes {
		for _, to := range w.nodes {
			lane, err := to.in.Lane()
			require.NoError(t, err)
			n.lanes = append(n.lanes, lane)
		}
	}
	return w
}

// handle consumes some of a batch.
func (n *node) handle(l *exec.Local, batch []msg) int {
	w := n.w
	k := len(batch)
	if w.rng.IntN(5) == 0 {
		k = w.rng.IntN(k + 1)
	}
	if w.mayPanic && w.rng.IntN(30) == 0 {
		n.note(batch) // all of it fails
		panic("a batch")
	}
	n.note(batch[:k])
	for range k {
		n.act(l)
	}
	return k
}

// note checks the order of messages that are gone from the inbox.
func (n *node) note(ms []msg) {
	for _, m := range ms {
		require.Equal(n.w.t, n.id, m.to)
		require.Equal(n.w.t, n.w.seen[m.stream], m.seq, "%+v", m.stream)
		n.w.seen[m.stream]++
	}
}

// task does up to three things, and may panic.
func (n *node) task() exec.Task {
	return exec.Func(n.work)
}

// owner is a task that came by TrySend or Spawn: whatever else is full, the slot that
// it came from is its own.
func (n *node) owner() exec.Task {
	return exec.Func(func(l *exec.Local) {
		if w := n.w; w.left > 0 && w.rng.IntN(3) == 0 {
			w.left--
			require.True(w.t, l.Spawn(n.owner()))
			w.count(true)
		}
		n.work(l)
	})
}

func (n *node) work(l *exec.Local) {
	for range n.w.rng.IntN(4) {
		n.act(l)
	}
	if n.w.mayPanic && n.w.rng.IntN(30) == 0 {
		panic("a task")
	}
}

// count adds what was accepted.
func (w *world) count(ok bool) {
	if ok {
		w.accepted++
	}
}

// messages returns up to n new messages; those that are accepted are to be counted
// by sentOf.
func (w *world) messages(s stream, n int) (ms []msg) {
	for i := range n {
		ms = append(ms, msg{s, w.sent[s] + i})
	}
	return ms
}

func (w *world) sentOf(s stream, n int) {
	if n == 0 {
		return
	}
	w.sent[s] += n
	w.accepted += uint64(n)
}

// act does one of the things that code on a loop can do.
func (n *node) act(l *exec.Local) {
	w := n.w
	if w.left == 0 {
		return
	}
	w.left--
	to := w.nodes[w.rng.IntN(len(w.nodes))]
	lane := stream{n.id, to.id, true}
	shared := stream{n.id, to.id, false}
	switch w.rng.IntN(11) {
	case 0:
		w.count(l.Spawn(n.owner()))
	case 1:
		_, ok := l.After(time.Duration(w.rng.IntN(100))*time.Microsecond, n.task())
		w.count(ok)
	case 2:
		if tm, ok := l.After(time.Minute, nop); ok {
			w.count(true)
			if w.rng.IntN(2) == 0 {
				require.True(w.t, tm.Stop())
			}
		}
	case 3:
		w.count(to.x.TrySend(to.owner()))
	case 4:
		w.count(to.x.TryControl(to.task()))
	case 5:
		if n.lanes[to.id].Push(w.messages(lane, 1)[0]) {
			w.sentOf(lane, 1)
		}
	case 6:
		w.sentOf(lane, n.lanes[to.id].PushBatch(w.messages(lane, w.rng.IntN(6))))
	case 7:
		staged := 0
		for _, m := range w.messages(lane, w.rng.IntN(6)) {
			if !n.lanes[to.id].Stage(m) {
				break
			}
			staged++
		}
		if n.lanes[to.id].Flush() {
			w.sentOf(lane, staged)
		} else {
			require.Len(w.t, n.lanes[to.id].Recall(), staged)
		}
	case 8:
		if to.in.TrySend(w.messages(shared, 1)[0]) {
			w.sentOf(shared, 1)
		}
	case 9:
		w.sentOf(shared, to.in.TrySendBatch(w.messages(shared, w.rng.IntN(6))))
	case 10:
		to.x.Wake()
	}
	n.bounded(l)
}

// bounded checks that nothing holds more than it may.
func (n *node) bounded(l *exec.Local) {
	require.LessOrEqual(n.w.t, l.Queued(), n.cfg.LocalCap+1)
	for _, to := range n.w.nodes {
		require.LessOrEqual(n.w.t, to.in.SharedLen(), to.cap)
		require.LessOrEqual(n.w.t, n.lanes[to.id].Len(), n.lanes[to.id].Cap())
	}
}
