package main

import (
	"slices"
	"sync/atomic"

	"github.com/pushcore/pushcore/balance"
)

// upstream is a server that connections are passed on to. It lives on through reloads that
// name it again.
type upstream struct {
	addr string
	open gauge
}

func newUpstream(addr string, workers int) *upstream {
	return &upstream{addr: addr, open: make(gauge, workers)}
}

// gauge is a number with a share for each worker. Each writes only its own, and whoever wants
// the number adds them up: no two workers ever write to one cache line.
type gauge []struct {
	n atomic.Int64
	_ [120]byte
}

// add changes the share of a worker, by whom it is called.
func (g gauge) add(worker int, n int64) { g[worker].n.Store(g[worker].n.Load() + n) }

// sum may be called by anyone. The shares need not be of the same moment.
func (g gauge) sum() (n int64) {
	for i := range g {
		n += g[i].n.Load()
	}
	return n
}

// roster is the upstreams as all workers see them. It is never changed: the monitor, which
// owns the truth, publishes a new one.
type roster struct {
	all    []*upstream
	usable []bool
	policy balance.Policy
	list   int // the same for rosters with the same upstreams and policy
}

func (r *roster) has(u *upstream) bool { return slices.Contains(r.all, u) }

// view returns a View of the roster for a balancer.
func (r *roster) view() *balance.View {
	v := balance.NewView(len(r.all))
	for i, ok := range r.usable {
		v.SetOpen(i, ok)
	}
	return v
}
