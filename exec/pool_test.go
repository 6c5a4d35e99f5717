package exec_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// item is a pooled object that says who has it. Only its holder touches it, so
// that the race detector sees an object that two have at once.
type item struct {
	live   bool
	number int
	resets int
}

func newPool[T any](t testing.TB, x *exec.Exec, cfg exec.PoolConfig[T]) *exec.Pool[T] {
	p, err := exec.NewPool(x, cfg)
	require.NoError(t, err)
	return p
}

func newStepped(t testing.TB, name string) *exec.Exec {
	x, err := exec.New(exec.Config{Name: name})
	require.NoError(t, err)
	return x
}

// step runs f on the loop of x, in one turn.
func step(t testing.TB, x *exec.Exec, f func(l *exec.Local)) {
	t.Helper()
	require.True(t, x.TrySend(exec.Func(f)))
	worked, _ := x.Step()
	require.True(t, worked)
}

// getN takes n objects out.
func getN[T any](t testing.TB, p *exec.Pool[T], l *exec.Local, n int) (vs []*T) {
	t.Helper()
	for range n {
		v := p.Get(l)
		require.NotNil(t, v)
		vs = append(vs, v)
	}
	return vs
}

func TestPoolConfig(t *testing.T) {
	x := newStepped(t, "x")
	for _, cfg := range []exec.PoolConfig[item]{{Keep: -1}, {MaxLive: 1 << 30}, {ReturnCap: -7}} {
		_, err := exec.NewPool(x, cfg)
		require.ErrorContains(t, err, "it must be from 1 to 16777216, or 0 for the default")
	}
	_, err := exec.NewPool(x, exec.PoolConfig[item]{Name: "items", Keep: -1})
	require.ErrorContains(t, err, "exec: pool items: Keep is -1:")
	_, err = exec.NewPool(x, exec.PoolConfig[struct{}]{})
	require.ErrorContains(t, err, "a struct {} has no size")
}

func TestPoolReusesTheLastPutFirst(t *testing.T) {
	x := newStepped(t, "x")
	made := 0
	p := newPool(t, x, exec.PoolConfig[item]{
		New:   func() *item { made++; return &item{number: made} },
		Reset: func(v *item) { v.resets++ },
	})
	step(t, x, func(l *exec.Local) {
		vs := getN(t, p, l, 3)
		require.Equal(t, exec.PoolStats{Live: 3, Gets: 3, Misses: 3}, p.Stats())
		for _, v := range vs {
			p.Put(l, v)
		}
		require.Equal(t, exec.PoolStats{Free: 3, Gets: 3, Misses: 3}, p.Stats())
		for i := range 3 {
			v := p.Get(l)
			require.Same(t, vs[2-i], v)
			require.Equal(t, item{number: 3 - i, resets: 1}, *v, "it is as Reset left it")
		}
		require.Equal(t, 4, p.Get(l).number)
		require.Panics(t, func() { p.Put(l, nil) })
		require.Panics(t, func() { p.Return(nil) })
	})
	broken := newPool(t, x, exec.PoolConfig[item]{Name: "broken", New: func() *item { return nil }})
	step(t, x, func(l *exec.Local) {
		require.PanicsWithValue(t, `exec: New of pool "broken" returned nil: it must return an object`, func() { broken.Get(l) })
		require.Zero(t, broken.Stats())
	})
}

func TestPoolKeepsNoMoreThanItsBounds(t *testing.T) {
	x, y := newStepped(t, "x"), newStepped(t, "y")
	p := newPool(t, x, exec.PoolConfig[item]{Keep: 4, ReturnCap: 8})
	var vs []*item
	step(t, x, func(l *exec.Local) {
		vs = getN(t, p, l, 80)
		for _, v := range vs[:10] {
			p.Put(l, v)
		}
	})
	require.Equal(t, exec.PoolStats{Live: 70, Free: 4, Gets: 80, Misses: 80, Dropped: 6}, p.Stats())
	step(t, y, func(l *exec.Local) {
		for _, v := range vs[10:50] {
			p.Put(l, v)
		}
	})
	require.Equal(t, exec.PoolStats{Live: 30, Free: 12, Gets: 80, Misses: 80, Foreign: 40, Dropped: 6 + 32}, p.Stats())
	require.Zero(t, p.Return(vs[50:79]...), "the return ring is full")
	require.Equal(t, exec.PoolStats{Live: 1, Free: 12, Gets: 80, Misses: 80, Foreign: 69, Dropped: 6 + 32 + 29}, p.Stats())
	step(t, x, func(l *exec.Local) { getN(t, p, l, 12) })
	require.Equal(t, exec.PoolStats{Live: 13, Gets: 92, Misses: 80, Foreign: 69, Dropped: 6 + 32 + 29}, p.Stats(), "all that was kept is found again")
	require.Equal(t, 1, p.Return(vs[79]))
}

func TestPoolRefusesBeyondMaxLive(t *testing.T) {
	x, y := newStepped(t, "x"), newStepped(t, "y")
	p := newPool(t, x, exec.PoolConfig[item]{MaxLive: 3, ReturnCap: 1})
	var vs []*item
	step(t, x, func(l *exec.Local) {
		vs = getN(t, p, l, 3)
		require.Nil(t, p.Get(l))
		require.Nil(t, p.Get(l))
		require.EqualValues(t, 2, p.Stats().Refused)
		p.Put(l, vs[0])
		require.Same(t, vs[0], p.Get(l))
		require.Nil(t, p.Get(l))
	})
	// Objects freed elsewhere make room, also those for which the ring has none.
	step(t, y, func(l *exec.Local) {
		p.Put(l, vs[0])
		p.Put(l, vs[1])
	})
	require.EqualValues(t, 1, p.Stats().Dropped)
	step(t, x, func(l *exec.Local) {
		require.Same(t, vs[0], p.Get(l))
		getN(t, p, l, 1)
		require.Nil(t, p.Get(l))
	})
	require.Equal(t, exec.PoolStats{Live: 3, Gets: 6, Misses: 4, Refused: 4, Foreign: 2, Dropped: 1}, p.Stats())
}

func TestPoolForeignFreesGoHomeInBatches(t *testing.T) {
	x, y := newStepped(t, "x"), newStepped(t, "y")
	p, other := newPool(t, x, exec.PoolConfig[item]{}), newPool(t, x, exec.PoolConfig[item]{})
	var vs, others []*item
	step(t, x, func(l *exec.Local) { vs, others = getN(t, p, l, 45), getN(t, other, l, 1) })
	step(t, y, func(l *exec.Local) {
		other.Put(l, others[0])
		for i, v := range vs[:40] {
			p.Put(l, v)
			require.EqualValues(t, (i+1)/32*32, p.Stats().Foreign)
		}
	})
	require.EqualValues(t, 40, p.Stats().Foreign, "at the end of the turn the rest went")
	require.EqualValues(t, 1, other.Stats().Foreign)
	// A flusher that frees has its turn after the pool's own.
	step(t, y, func(l *exec.Local) { l.AddFlusher(&freer{p, vs[40:]}) })
	require.EqualValues(t, 45, p.Stats().Foreign)
	step(t, x, func(l *exec.Local) {
		require.ElementsMatch(t, vs, getN(t, p, l, 45))
		p.Put(l, vs[0])
		require.Same(t, vs[0], p.Get(l), "what was put at home comes before what lies in the ring")
	})
	require.EqualValues(t, 45, p.Stats().Misses)
}

type freer struct {
	pool *exec.Pool[item]
	vs   []*item
}

func (f *freer) Flush(l *exec.Local) bool {
	for _, v := range f.vs {
		f.pool.Put(l, v)
	}
	f.vs = nil
	return false
}

// Goroutines return objects while the home loop sleeps: nobody wakes it.
func TestPoolReturnsWhileHomeIsParked(t *testing.T) {
	x := begin(t, exec.Config{Spin: -1})
	p := newPool(t, x, exec.PoolConfig[item]{Keep: 1, ReturnCap: 300})
	var vs []*item
	var parks uint64
	onLoop(t, x, func(l *exec.Local) { vs, parks = getN(t, p, l, 400), x.Stats().Parks })
	eventually(t, "parked", func() bool { return x.Stats().Parks > parks })
	wakes := x.Stats().WakesReceived
	var wg sync.WaitGroup
	took := make([]int, 4)
	for i := range took {
		wg.Go(func() {
			for mine := vs[i*100 : i*100+100]; len(mine) > 0; mine = mine[5:] {
				took[i] += p.Return(mine[:5]...)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 300, took[0]+took[1]+took[2]+took[3])
	require.Equal(t, wakes, x.Stats().WakesReceived)
	onLoop(t, x, func(l *exec.Local) { getN(t, p, l, 300) })
	require.Equal(t, exec.PoolStats{Live: 300, Gets: 700, Misses: 400, Foreign: 400, Dropped: 100}, p.Stats())
}

func TestPoolCountsLeaks(t *testing.T) {
	x, y := begin(t, exec.Config{}), begin(t, exec.Config{})
	p := newPool(t, x, exec.PoolConfig[item]{ReturnCap: 4})
	var vs []*item
	onLoop(t, x, func(l *exec.Local) { vs = getN(t, p, l, 100) })
	drain(t, x)
	require.Equal(t, 100, p.Stats().Live)
	// Home has ended: what comes back is settled all the same, and holds up nobody.
	onLoop(t, y, func(l *exec.Local) {
		for _, v := range vs[:97] {
			p.Put(l, v)
		}
	})
	drain(t, y)
	require.Equal(t, exec.PoolStats{Live: 3, Free: 4, Gets: 100, Misses: 100, Foreign: 97, Dropped: 93}, p.Stats())
}
