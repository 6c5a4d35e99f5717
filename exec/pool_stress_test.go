package exec_test

import (
	"fmt"
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Two loops pass each other objects, each from its own pool, and free the other's.
func TestPoolObjectsHaveOneHolder(t *testing.T) {
	for _, c := range []struct {
		name  string
		total int
		cfg   exec.PoolConfig[item]
	}{
		{"wide", 500_000, exec.PoolConfig[item]{}},
		{"drops", 100_000, exec.PoolConfig[item]{MaxLive: 100, Keep: 50}},
		{"narrow", 10_000, exec.PoolConfig[item]{MaxLive: 7, Keep: 3, ReturnCap: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, total := c.cfg, c.total
			if exec.Checked || testing.Short() {
				total /= 10
			}
			cfg.Reset = func(v *item) { v.resets++ }
			x, y := begin(t, exec.Config{Name: "x"}), begin(t, exec.Config{Name: "y"})
			a, b := newFlow(t, x, y, total, cfg), newFlow(t, y, x, total, cfg)
			for _, f := range []*flow{a, b} {
				for part := range 20 { // a machine with other work may need minutes for all
					eventually(t, "it goes on", func() bool { return f.pool.Stats().Foreign >= uint64(total/20*(part+1)) })
				}
				s := f.pool.Stats()
				require.Equal(t, []int{total, 0}, []int{int(s.Gets), s.Live})
				eventually(t, "what the bounds do not allow to keep is dropped", func() bool { return f.pool.Stats().Free <= f.cap })
				require.Empty(t, f.bad)
			}
		})
	}
}

// flow is a task on one loop that sends total objects to another, which frees
// them.
type flow struct {
	pool *exec.Pool[item]
	lane *exec.Lane[*item]
	left int
	cap  int
	bad  string // the receiver's
}

func newFlow(t *testing.T, from, to *exec.Exec, total int, cfg exec.PoolConfig[item]) *flow {
	f := &flow{pool: newPool(t, from, cfg), left: total, cap: 2 * exec.DefaultPoolKeep}
	if cfg.Keep > 0 {
		f.cap = 2 * cfg.Keep
	}
	var in *exec.Inbox[*item]
	onLoop(t, to, func(*exec.Local) {
		var err error
		in, err = exec.NewInbox(to, exec.InboxConfig[*item]{Cap: 256, Handle: f.receive})
		require.NoError(t, err)
	})
	var err error
	f.lane, err = in.Lane()
	require.NoError(t, err)
	require.True(t, from.TrySend(f))
	return f
}

func (f *flow) Run(l *exec.Local) {
	for range 64 {
		if f.left == 0 {
			return
		}
		if f.lane.Free() == 0 {
			break
		}
		v := f.pool.Get(l)
		if v == nil {
			break
		}
		if v.live {
			panic("Get returned a live object")
		}
		v.live, v.number = true, f.left
		f.left--
		if !f.lane.Push(v) {
			return // the test has failed and closed it
		}
	}
	l.Spawn(f)
}

func (f *flow) receive(l *exec.Local, batch []*item) int {
	for _, v := range batch {
		if !v.live || v.number == 0 {
			f.bad = fmt.Sprintf("received %+v", *v)
		}
		v.live, v.number = false, 0
		f.pool.Put(l, v)
	}
	return len(batch)
}

func TestPoolAllocatesNothing(t *testing.T) {
	x, y := newStepped(t, "x"), newStepped(t, "y")
	p := newPool(t, x, exec.PoolConfig[item]{Reset: func(v *item) { v.number = 0 }})
	if exec.Checked && testing.AllocsPerRun(1, func() { exec.OnLoop() }) > 0 {
		t.Skip("in this build asking who is on the loop allocates")
	}
	var vs [100]*item
	get := func(l *exec.Local) {
		for i := range vs {
			vs[i] = p.Get(l)
		}
	}
	put := func(l *exec.Local) {
		for _, v := range vs {
			p.Put(l, v)
		}
	}
	step(t, x, func(home *exec.Local) {
		step(t, y, func(away *exec.Local) {
			for name, free := range map[string]func(){
				"at home":   func() { put(home) },
				"elsewhere": func() { put(away) },
				"outside": func() {
					p.Return(vs[:50]...)
					for _, v := range vs[50:] {
						p.Return(v)
					}
				},
			} {
				for range 10 { // until there are enough, also of those that wait for a full batch
					get(home)
					free()
				}
				require.Zero(t, testing.AllocsPerRun(100, func() { get(home); free() }), name)
			}
		})
	})
	require.Less(t, p.Stats().Misses, uint64(100+32))
}

// What left the pool, or was left to the collector, is not held by it any more.
func TestPoolHoldsNothingBack(t *testing.T) {
	x, y := newStepped(t, "x"), newStepped(t, "y")
	p := newPool(t, x, exec.PoolConfig[item]{Keep: 50, ReturnCap: 3})
	var vs []*item
	step(t, x, func(l *exec.Local) {
		for _, v := range getN(t, p, l, 50) {
			p.Put(l, v)
		}
		vs = getN(t, p, l, 50)
	})
	step(t, y, func(l *exec.Local) {
		for _, v := range vs {
			p.Put(l, v)
		}
	})
	var ws []weak.Pointer[item]
	for _, v := range vs {
		ws = append(ws, weak.Make(v))
	}
	vs = nil
	eventually(t, "all but those in the return ring were collected", func() bool {
		runtime.GC()
		held := 0
		for _, w := range ws {
			if w.Value() != nil {
				held++
			}
		}
		return held == 3
	})
	runtime.KeepAlive(p)
	runtime.KeepAlive(y)
}
