package exectest_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

// coWorld is a few Execs whose coroutines wait for each other in every way there is, are
// aborted, run out of time, and panic. What they can do is in coact_test.go, how it is judged
// in cojudge_test.go.
//
// A coroutine must not end the test as require does: it is not the test's goroutine.
type coWorld struct {
	t        *testing.T
	sim      *exectest.Sim
	rng      *rand.Rand
	nodes    []*coNode
	left     int // things still to do: a world ends
	quiesced *coNode
	closing  bool // nobody begins to wait any more
	mayPanic bool // OnPanic is set

	begun, ended int             // coroutines
	did          [numActs]uint64 // by kind

	tickets map[int]ticketState // in queues
	no      int                 // of the last ticket, promise and call
	sent    map[stream]int      // messages accepted by Mailboxes
	seen    map[stream]int      // and received or returned

	calls    []*calling
	accepted uint64 // tasks and messages from elsewhere
	asked    uint64 // calls to another Exec
	ran      uint64 // those that began there
}

// coNode is an Exec, and what its coroutines share.
type coNode struct {
	w     *coWorld
	id    int
	x     *exec.Exec
	l     *exec.Local
	queue *exec.Queue[ticketOf]
	put   int // tickets accepted by queue
	took  int
	sem   *exec.Semaphore
	size  int // of sem
	held  int
	asks  []int // permits that are asked for, in no order
	mutex *exec.Mutex
	in    int // between Lock and Unlock
	mail  *exec.Mailbox[msg]
	lanes []*exec.Lane[msg] // to the mail of each node
	vows  []*vow            // not yet kept
	joins []*exec.Join[int]
	cors  []*cor // that have begun here
}

// ticketOf is a value in a Queue. One sender's come in order.
type ticketOf struct {
	no int
	by *cor
}

type ticketState int

const (
	offered ticketState = iota + 1
	accepted
	received
)

// vow is a Promise of its own number.
type vow struct {
	no int
	*exec.Promise[int]
}

// cor is a coroutine.
type cor struct {
	n        *coNode
	co       *exec.Co
	doing    int // the last act that it has begun
	ended    bool
	depth    int             // of calls within calls
	holding  bool            // permits: others must not be waited for
	limits   []time.Duration // when each Within around it ends
	scopes   int             // how many there were
	onDrain  bool            // it is cancelled by Quiesce
	ticket   int             // the last one of it that was received
	waker    *exec.Waker
	wakes    int  // of waker
	parks    int  // that have ended
	mustWake bool // it was woken since
}

func newCoWorld(t *testing.T, cfg exectest.Config) *coWorld {
	s := newSim(t, cfg)
	w := &coWorld{t: t, sim: s, rng: s.Rand(), left: 150, tickets: map[int]ticketState{}, sent: map[stream]int{}, seen: map[stream]int{}}
	small := func() int { return 1 + w.rng.IntN(4) }
	var onPanic func(exec.Panic)
	if w.rng.IntN(2) == 0 {
		onPanic, w.mayPanic = func(exec.Panic) {}, true
	}
	few := func(n int) int { return []int{0, n}[w.rng.IntN(2)] } // or the default
	for id := range 1 + w.rng.IntN(4) {
		n := &coNode{w: w, id: id, size: small()}
		n.x = newExec(t, s, exec.Config{Burst: small(), LocalBudget: small(), InboxCap: small(), LocalCap: few(4), MaxTimers: few(small()),
			MaxCoroutines: few(4 * small()), KeepCoroutines: few(small()), AwaitBudget: few(small()), OnPanic: onPanic, OnStart: n.start})
		var err error
		n.mail, err = exec.NewMailbox(n.x, exec.InboxConfig[msg]{Cap: small(), LaneCap: small()})
		require.NoError(t, err)
		w.nodes = append(w.nodes, n)
	}
	for _, n := range w.nodes {
		for _, to := range w.nodes {
			lane, err := to.mail.Lane()
			require.NoError(t, err)
			n.lanes = append(n.lanes, lane)
		}
	}
	return w
}

func (n *coNode) start(l *exec.Local) error {
	n.l = l
	n.queue = exec.NewQueue[ticketOf](l, 1+n.w.rng.IntN(3))
	n.sem = exec.NewSemaphore(l, n.size)
	n.mutex = exec.NewMutex(l)
	return nil
}

// one is a task that starts a coroutine.
func (n *coNode) one(l *exec.Local) { _, _, _ = n.w.begin(l, n, 0) }

// release lets all go on who wait for what would never come.
func (n *coNode) release(*exec.Local) {
	n.queue.Close()
	n.mail.Close()
	for len(n.vows) > 0 {
		n.keep(0)
	}
	for _, c := range n.cors {
		c.wake()
	}
}

// begin starts a coroutine with a result that is its number.
func (w *coWorld) begin(l *exec.Local, n *coNode, depth int) (j *exec.Join[int], no int, err error) {
	w.no++
	no = w.no
	j, err = exec.Go(l, func(co *exec.Co) (int, error) {
		n.cor(co, depth).live()
		return no, nil
	})
	w.judge(err == nil || errors.Is(err, exec.ErrTooMany) || errors.Is(err, exec.ErrClosed), "Go: %v", err)
	if err == nil {
		n.joins = append(n.joins, j)
	}
	return j, no, err
}

// cor notes a coroutine that begins, whoever has started it.
func (n *coNode) cor(co *exec.Co, depth int) *cor {
	c := &cor{n: n, co: co, depth: depth, waker: co.Waker()}
	n.cors = append(n.cors, c)
	n.w.begun++
	return c
}

// live is its life.
func (c *cor) live() {
	w := c.n.w
	defer func() {
		c.ended = true
		w.ended++
	}()
	if w.rng.IntN(3) == 0 {
		c.onDrain = true
		c.co.CancelOnDrain()
	}
	for range w.rng.IntN(12) {
		if err := c.act(); err != nil && c.co.Err() != nil {
			if w.rng.IntN(2) == 0 { // it is not told again in another way
				err = c.co.Yield()
				w.judge(errors.Is(err, exec.ErrCancelled), "cancelled, Yield returned %v", err)
			}
			return
		}
	}
}
