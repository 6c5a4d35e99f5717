package exec_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// An inbox with a MaxWait is compared, operation by operation, with plain queues.

// aged is an item, and what the reference knows of it: which ring it is in, which of that
// ring's it is, and when it was sent.
type aged struct {
	from, seq int
	at        time.Duration
}

// agedModel is the reference: a queue for the shared ring, and one for each lane.
type agedModel struct {
	t      *testing.T
	rng    *rand.Rand
	now    time.Duration
	limit  time.Duration
	sent   [4][]aged // accepted and not gone
	staged [4][]aged
	seqs   [4]int

	accepted, handled, expired, failed int
	held                               bool // the handler keeps everything
}

func (w *agedModel) fresh(from, n int) (vs []aged) {
	for range n {
		vs = append(vs, aged{from, w.seqs[from], w.now})
		w.seqs[from]++
	}
	return vs
}

// accept moves what is staged, and then vs, into the queue, as sent now.
func (w *agedModel) accept(from int, vs ...aged) {
	for _, v := range append(w.staged[from], vs...) {
		v.at = w.now
		w.sent[from] = append(w.sent[from], v)
		w.accepted++
	}
	w.staged[from] = nil
}

// offered checks a batch against the front of its queue: nothing is missing, and all of
// it, or nothing, is late.
func (w *agedModel) offered(batch []aged, late bool) (from int) {
	require.NotEmpty(w.t, batch)
	from = batch[0].from
	for i, v := range batch {
		want := w.sent[from][i]
		require.Equal(w.t, []int{want.from, want.seq}, []int{v.from, v.seq})
		require.Equal(w.t, late, w.now-want.at > w.limit, "sent at %v, now %v", want.at, w.now)
	}
	return from
}

// gone takes n items off their queue, and lets some time pass, as their handler may.
func (w *agedModel) gone(from, n int) {
	w.sent[from] = w.sent[from][n:]
	if w.rng.IntN(4) == 0 {
		w.now += time.Duration(w.rng.IntN(4))
	}
}

func (w *agedModel) handle(_ *exec.Local, batch []aged) int {
	from := w.offered(batch, false)
	if w.rng.IntN(20) == 0 {
		w.failed += len(batch)
		w.gone(from, len(batch))
		panic("handler")
	}
	n := len(batch)
	switch {
	case w.held:
		n = 0
	case w.rng.IntN(3) == 0:
		n = w.rng.IntN(n + 1)
	}
	w.handled += n
	w.gone(from, n)
	return n
}

func (w *agedModel) expire(_ *exec.Local, batch []aged) {
	from := w.offered(batch, true)
	if w.rng.IntN(20) == 0 {
		w.failed += len(batch)
		w.gone(from, len(batch))
		panic("expired")
	}
	w.expired += len(batch)
	w.gone(from, len(batch))
}

func TestMaxWaitAnswersAsPlainQueues(t *testing.T) {
	var handled, expired, failed, returned int
	seeds := sized(100, 300, 10_000)
	for seed := range uint64(seeds) {
		w := &agedModel{t: t, rng: rand.New(rand.NewPCG(seed, 7)), limit: 12}
		capacity, laneCap := 1+w.rng.IntN(6), 1+w.rng.IntN(6)
		x := stepped(t, exec.Config{Burst: 1 + w.rng.IntN(5), OnPanic: func(exec.Panic) {}, Clock: func() time.Duration { return w.now }})
		cfg := exec.InboxConfig[aged]{Cap: capacity, LaneCap: laneCap, MaxWait: w.limit, Handle: w.handle, OnExpired: w.expire}
		if w.rng.IntN(2) == 0 {
			cfg.Admit = func(_ *exec.Local, n int) int { return min(n, w.rng.IntN(8)) }
		}
		in, err := exec.NewInbox(x, cfg)
		require.NoError(t, err)
		lanes := make([]*exec.Lane[aged], 4) // 0 is the shared ring
		for i := 1; i < len(lanes); i++ {
			lanes[i], err = in.Lane()
			require.NoError(t, err)
		}
		for range 300 {
			w.now += time.Duration(w.rng.IntN(3))
			from := w.rng.IntN(len(lanes))
			room := laneCap - len(w.sent[from]) - len(w.staged[from])
			if from == 0 {
				room = capacity - len(w.sent[0])
			}
			vs := w.fresh(from, 1+w.rng.IntN(4))
			switch lane := lanes[from]; w.rng.IntN(8) {
			case 0, 1:
				send := in.TrySend
				if lane != nil {
					send = lane.Push
				}
				require.Equal(t, room > 0, send(vs[0]))
				if room > 0 {
					w.accept(from, vs[0])
				}
			case 2:
				send := in.TrySendBatch
				if lane != nil {
					send = lane.PushBatch
				}
				n := min(room, len(vs))
				require.Equal(t, n, send(vs))
				if n > 0 {
					w.accept(from, vs[:n]...)
				}
			case 3, 4:
				if lane != nil {
					require.Equal(t, room > 0, lane.Stage(vs[0]))
					if room > 0 {
						w.staged[from] = append(w.staged[from], vs[0])
					}
				}
			case 5:
				if lane != nil && w.rng.IntN(4) == 0 {
					require.Len(t, lane.Recall(), len(w.staged[from]))
					w.staged[from] = nil
				} else if lane != nil {
					require.True(t, lane.Flush())
					w.accept(from)
				}
			default:
				w.held = w.rng.IntN(4) == 0
				x.Step()
			}
			if lane := lanes[from]; lane != nil {
				require.Equal(t, len(w.sent[from]), lane.Len())
			} else {
				require.Equal(t, len(w.sent[from]), in.SharedLen())
			}
		}
		for i := 1; i < len(lanes); i++ {
			require.True(t, lanes[i].Flush())
			w.accept(i)
		}
		undone := 0
		if w.rng.IntN(2) == 0 {
			undone = in.Len()
		} else {
			w.held = false
			for steps := 0; in.Len() > 0; steps++ { // also turns in which nothing is admitted
				require.Less(t, steps, 10_000)
				x.Step()
			}
		}
		require.Empty(t, drain(t, x))
		rest, err := in.Undone()
		require.NoError(t, err)
		require.Len(t, rest, undone)
		s := x.Stats()
		require.EqualValues(t, []int{w.handled, w.failed, w.expired, undone}, []int{int(s.Items), int(s.ItemsFailed), int(s.Expired), int(s.Returned)})
		settled(t, w.accepted, s)
		handled, expired, failed, returned = handled+w.handled, expired+w.expired, failed+w.failed, returned+undone
	}
	for _, n := range []int{handled, expired, failed, returned} {
		require.Greater(t, n, seeds, "all of it happens")
	}
}
