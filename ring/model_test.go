package ring

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The rings are compared, operation by operation, with a plain queue.

// queue is the reference: what a bounded FIFO must answer.
type queue struct {
	items    []int
	staged   []int
	capacity int
	closed   bool
}

func (q *queue) free() int { return q.capacity - len(q.items) - len(q.staged) }

func (q *queue) publish(vs ...int) {
	q.items = append(append(q.items, q.staged...), vs...)
	q.staged = nil
}

func (q *queue) push(vs []int) int {
	if q.closed {
		return 0
	}
	n := min(len(vs), q.free())
	if n > 0 {
		q.publish(vs[:n]...)
	}
	return n
}

func (q *queue) take(n int) []int {
	n = min(n, len(q.items))
	vs := q.items[:n]
	q.items = q.items[n:]
	return vs
}

// pops is the consumer's end, which both rings share.
type pops interface {
	Pop() (int, bool)
	PopBatch([]int) int
	Peek(int) ([]int, []int)
	Release(int)
	Len() int
	Free() int
	Cap() int
	Ready() bool
	Close()
	Closed() bool
	Push(int) bool
	PushBatch([]int) int
	PushAll([]int) bool
}

// play runs the operations that ops encodes on the ring and on the reference.
func play(t *testing.T, r pops, q *queue, ops []byte) {
	spsc, _ := r.(*SPSC[int])
	value := 1
	fresh := func(n int) []int {
		vs := make([]int, n)
		for i := range vs {
			vs[i] = value
			value++
		}
		return vs
	}
	for i := 0; i < len(ops); i++ {
		op, n := ops[i]%12, int(ops[i]/12)%(q.capacity+3)
		what := []any{"operation %d (%d, n=%d), capacity %d", i, op, n, q.capacity}
		switch op {
		case 0, 1:
			vs := fresh(1)
			require.Equal(t, q.push(vs) == 1, r.Push(vs[0]), what...)
		case 2:
			vs := fresh(n)
			require.Equal(t, q.push(vs), r.PushBatch(vs), what...)
		case 3:
			vs := fresh(n)
			ok := n == 0 || !q.closed && n <= q.free()
			if ok && n > 0 {
				q.push(vs)
			}
			require.Equal(t, ok, r.PushAll(vs), what...)
		case 4, 5:
			want := q.take(1)
			v, ok := r.Pop()
			require.Equal(t, len(want) == 1, ok, what...)
			if ok {
				require.Equal(t, want[0], v, what...)
			} else {
				require.Zero(t, v, what...)
			}
		case 6:
			dst := make([]int, n)
			k := r.PopBatch(dst)
			require.Equal(t, append([]int{}, q.take(n)...), append([]int{}, dst[:k]...), what...)
		case 7:
			a, b := r.Peek(n)
			got := append(append([]int{}, a...), b...)
			require.Equal(t, append([]int{}, q.items[:min(n, len(q.items))]...), got, what...)
			k := len(got) / 2
			r.Release(k)
			q.take(k)
		case 8:
			if spsc != nil {
				vs := fresh(1)
				ok := spsc.Stage(vs[0])
				if !q.closed { // else the producer may or may not have learnt of it
					require.Equal(t, q.free() > 0, ok, what...)
				}
				if ok {
					q.staged = append(q.staged, vs...)
				}
			}
		case 9:
			if spsc != nil {
				require.Equal(t, !q.closed || len(q.staged) == 0, spsc.Flush(), what...)
				if !q.closed {
					q.publish()
				}
			}
		case 10:
			if spsc == nil {
				break
			}
			a, b := spsc.Reserve(n)
			if !q.closed {
				require.Equal(t, min(n, q.free()), len(a)+len(b), what...)
			}
			vs := fresh(len(a) + len(b))
			copy(b, vs[copy(a, vs):])
			k := (len(vs) + 1) / 2
			switch {
			case q.closed:
				q.staged = append(q.staged, vs[:k]...)
				require.Equal(t, len(q.staged) == 0, spsc.Commit(k), what...)
			default:
				require.True(t, spsc.Commit(k), what...)
				q.publish(vs[:k]...)
			}
		case 11:
			if n == 1 && spsc != nil {
				require.Equal(t, append([]int{}, q.staged...), append([]int{}, spsc.Recall()...), what...)
				q.staged = nil
			}
			if ops[i] > 250 {
				r.Close()
				q.closed = true
			}
		}
		if r.Len() != len(q.items) || r.Free() != q.capacity-len(q.items) || r.Cap() != q.capacity ||
			r.Ready() != (len(q.items) > 0) || r.Closed() != q.closed {
			t.Fatalf("operation %d (%d, n=%d): Len %d Free %d Cap %d Ready %t Closed %t, but the queue has %d of %d, closed %t",
				i, op, n, r.Len(), r.Free(), r.Cap(), r.Ready(), r.Closed(), len(q.items), q.capacity, q.closed)
		}
		if spsc != nil {
			require.Equal(t, len(q.staged), spsc.Staged(), what...)
		}
	}
}

// starts are positions around which a mistake in modular arithmetic shows.
func starts(capacity int) []uint64 {
	near := uint64(capacity+5) &^ 1
	return []uint64{0, -near, 1<<63 - near, 1<<32 - near}
}

func forEachRing(t *testing.T, capacities []int, f func(t *testing.T, capacity int, r pops)) {
	for _, capacity := range capacities {
		for _, start := range starts(capacity) {
			name := fmt.Sprintf("capacity=%d/start=%#x", capacity, start)
			t.Run("SPSC/"+name, func(t *testing.T) { f(t, capacity, newSPSCAt[int](capacity, start)) })
			t.Run("MPSC/"+name, func(t *testing.T) { f(t, capacity, newMPSCAt[int](capacity, start)) })
		}
	}
}

var smallCapacities = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 32, 64}

func TestRingsAnswerAsAPlainQueue(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 4
	}
	forEachRing(t, smallCapacities, func(t *testing.T, capacity int, r pops) {
		rng := rand.New(rand.NewPCG(uint64(capacity), 1))
		q := &queue{capacity: capacity}
		ops := make([]byte, 100)
		for range rounds {
			for i := range ops {
				ops[i] = byte(rng.IntN(251)) // no Close
			}
			play(t, r, q, ops)
		}
		ops[0] = 251 // Close
		for i := range ops[1:] {
			ops[i+1] = byte(rng.IntN(256))
		}
		play(t, r, q, ops)
	})
}

func FuzzRings(f *testing.F) {
	f.Add(uint8(3), uint8(1), []byte{0, 0, 0, 0, 4, 8, 8, 9, 2 + 12*3, 6 + 12*5, 10 + 12*3, 251, 0, 4})
	f.Fuzz(func(t *testing.T, capacity, start uint8, ops []byte) {
		c := int(capacity%64) + 1
		s := starts(c)[start%4]
		ops = ops[:min(len(ops), 2000)]
		play(t, newSPSCAt[int](c, s), &queue{capacity: c}, ops)
		play(t, newMPSCAt[int](c, s), &queue{capacity: c}, ops)
	})
}

func TestCapacityOutOfRangePanicsWithTheValue(t *testing.T) {
	for _, capacity := range []int{0, -1, maxCapacity + 1} {
		want := fmt.Sprintf("capacity %d is out of range: it must be from 1 to %d", capacity, maxCapacity)
		require.PanicsWithValue(t, "ring: SPSC "+want, func() { NewSPSC[int](capacity) })
		require.PanicsWithValue(t, "ring: MPSC "+want, func() { NewMPSC[int](capacity) })
	}
}

func TestCommitAndReleaseRefuseMoreThanWasLent(t *testing.T) {
	r := NewSPSC[int](4)
	r.Reserve(2)
	require.PanicsWithValue(t, "ring: Commit(3) is out of range: 2 slots are lent by Reserve", func() { r.Commit(3) })
	require.Panics(t, func() { r.Commit(-1) })
	r.Push(1)
	r.Peek(4)
	require.PanicsWithValue(t, "ring: Release(2) is out of range: 1 slots are lent by Peek", func() { r.Release(2) })
	m := NewMPSC[int](4)
	require.Panics(t, func() { m.Release(1) })
	require.Panics(t, func() { m.Release(-1) })
}
