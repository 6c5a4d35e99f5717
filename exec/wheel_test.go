package exec

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// waiting is a node and its place among those with equal deadlines.
type waiting struct {
	timerNode
	order int
	index int // in the model
}

func (n *waiting) expired(*Local) {}

// waitingHeap is the model: what leaves is the least by deadline and order.
type waitingHeap []*waiting

func (h waitingHeap) Len() int { return len(h) }
func (h waitingHeap) Less(i, j int) bool {
	return h[i].when < h[j].when || h[i].when == h[j].when && h[i].order < h[j].order
}
func (h waitingHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *waitingHeap) Push(n any) {
	n.(*waiting).index = len(*h)
	*h = append(*h, n.(*waiting))
}
func (h *waitingHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// sound checks all that a wheel promises of itself.
func sound(t *testing.T, w *wheel) {
	t.Helper()
	nodes := 0
	for at := range w.slots {
		s, k, digit := &w.slots[at], at/wheelSlots, at%wheelSlots
		if (w.occupied[k]>>digit&1 != 0) != (s.head != nil) || (s.head == nil) != (s.tail == nil) {
			t.Fatalf("slot %d of level %d: bit %v, head %p, tail %p", digit, k, w.occupied[k]>>digit&1, s.head, s.tail)
		}
		cascades := w.floor > 0 && k == w.floor && digit == int(w.cur>>(k*wheelBits)%wheelSlots)
		var prev *timerNode
		for n := s.head; n != nil; prev, n = n, n.next {
			nodes++
			switch {
			case n.prev != prev || n.next == nil && s.tail != n:
				t.Fatalf("slot %d of level %d is not linked", digit, k)
			case !n.armed || int(n.at) != at || int(n.when>>(k*wheelBits)%wheelSlots) != digit:
				t.Fatalf("%#x, armed %v, at %d, is in slot %d of level %d", n.when, n.armed, n.at, digit, k)
			case n.when < w.cur || n.when < s.least:
				t.Fatalf("%#x is in slot %d of level %d, whose least is %#x, at %#x", n.when, digit, k, s.least, w.cur)
			case k != w.level(n.when) && !cascades:
				t.Fatalf("%#x is at level %d instead of %d, at %#x", n.when, k, w.level(n.when), w.cur)
			}
		}
	}
	require.Equal(t, w.n, nodes)
	for k := range wheelLevels {
		require.Equal(t, w.occupied[k] != 0, w.levels>>k&1 != 0, "level %d", k)
	}
	require.Zero(t, w.levels>>wheelLevels)
}

// anyTime returns a time from after on, at any distance from 0 to 2^62.
func anyTime(r *rand.Rand, after uint64) uint64 {
	return later(after, r.Uint64()>>(2+r.IntN(62)))
}

// The wheel gives back what a heap would, whatever is put in, taken out and moved
// in between, in pieces of any size, and never says too late what is next.
func TestWheelIsAHeap(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 60
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 0))
		w, model := &wheel{}, &waitingHeap{}
		now := []uint64{0, 1 << 63, 1<<63 - 100, 1<<40 - 1, math.MaxUint64 - 1<<40}[seed%5]
		w.reset(now)
		made, removed := 0, false
		most := 1 + r.IntN(300)
		add := func(n *waiting, when uint64) {
			n.order = made
			made++
			w.add(&n.timerNode, when)
			heap.Push(model, n)
		}
		for op := range 2000 {
			switch r.IntN(10) {
			case 0, 1, 2, 3:
				if len(*model) >= most {
					break
				}
				when := anyTime(r, now)
				if len(*model) > 0 && r.IntN(3) == 0 {
					when = (*model)[r.IntN(len(*model))].when
				}
				n := &waiting{}
				n.owner = n
				add(n, max(when, w.cur))
			case 4, 5:
				if len(*model) == 0 {
					break
				}
				n := (*model)[r.IntN(len(*model))]
				w.remove(&n.timerNode)
				require.False(t, n.armed)
				require.True(t, n.next == nil && n.prev == nil)
				heap.Remove(model, n.index)
				removed = true
				if r.IntN(2) == 0 {
					add(n, anyTime(r, max(now, w.cur)))
				}
			case 6:
				now = anyTime(r, now)
			case 7:
				if w.n > 0 {
					now = max(now, w.next())
				}
			default:
				moves := r.IntN(8)
				for range r.IntN(100) {
					n := w.due(now, &moves)
					if n == nil {
						if w.floor == 0 && len(*model) > 0 {
							require.Greater(t, (*model)[0].when, now, "seed %d: due and not given", seed)
						}
						break
					}
					want := heap.Pop(model).(*waiting)
					if &want.timerNode != n {
						t.Fatalf("seed %d: got %#x, order %d; want %#x, order %d", seed, n.when, n.owner.(*waiting).order, want.when, want.order)
					}
					require.LessOrEqual(t, n.when, now)
					w.remove(n)
				}
				require.GreaterOrEqual(t, moves, 0)
			}
			require.Equal(t, len(*model), w.n)
			if len(*model) > 0 {
				require.LessOrEqual(t, w.next(), (*model)[0].when)
				if !removed && w.floor == 0 {
					require.Equal(t, (*model)[0].when, w.next())
				}
			}
			if op%16 == 0 {
				sound(t, w)
			}
			if len(*model) == 0 && r.IntN(2) == 0 {
				w.reset(max(now, w.cur))
			}
		}
	}
}
