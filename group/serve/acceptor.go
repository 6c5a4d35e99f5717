package serve

import (
	"log/slog"
	"net"
	"sync/atomic"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// acceptor hands connections to workers. It belongs to the loop that it is on; only handed
// and strays are looked at by others.
type acceptor struct {
	s     *Server
	x     *exec.Exec // of its own, or nil
	r     atomic.Pointer[netio.Reactor]
	ln    *netio.Listener
	lanes []*exec.Lane[netio.Accepted] // one to each worker

	bal    balance.Balancer
	blind  bool          // bal does not look at depths
	view   *balance.View // of connections: sent is handed over, taken is ended, depth is open
	warned bool          // that bal picks workers that do not exist

	handed atomic.Uint64
}

// listen begins to accept. It is called on the acceptor's loop.
func (a *acceptor) listen(l *exec.Local, r *netio.Reactor) (addr net.Addr, err error) {
	s := a.s
	for _, w := range s.workers {
		lane, err := w.in.Lane()
		if err != nil {
			return nil, err
		}
		lane.OwnedBy(l)
		a.lanes = append(a.lanes, lane)
	}
	cfg := s.cfg.Listen
	cfg.Dispatch, cfg.ReusePort = a.dispatch, s.cfg.Share
	if a.ln, err = r.Listen(s.cfg.Network, s.cfg.Address, cfg); err != nil {
		return nil, err
	}
	return a.ln.Addr(), nil
}

// prepare makes the balancer: its error is one of the Config.
func (a *acceptor) prepare() (err error) {
	cfg := &a.s.cfg
	a.view = balance.NewView(cfg.Workers)
	policy := cfg.Balance
	if most := cfg.Listen.MaxConns; most > 0 {
		// A worker that is full is passed over, if the policy may pass it over.
		policy = balance.BoundedDepth(most, policy)
		for i := range a.view.Cap {
			a.view.Cap[i] = uint64(most)
		}
	}
	if a.bal, err = policy(a.view); err != nil {
		return err
	}
	a.blind = balance.ReadsOf(a.bal) == 0
	return nil
}

// dispatch is the Dispatch of the listener. A connection that no worker takes is refused.
func (a *acceptor) dispatch(l *exec.Local, c netio.Accepted) {
	given := false
	defer func() { // also if a balancer or a Key panics
		if !given {
			a.ln.Dismiss(c)
		}
	}()
	a.refresh(l)
	key := a.s.cfg.Key(c)
	for range a.lanes {
		i := a.bal.Pick(key, a.view)
		if uint(i) >= uint(len(a.lanes)) {
			a.check(i)
			return
		}
		lane := a.lanes[i]
		if given = lane.Push(c); given {
			a.handed.Add(1)
			a.view.Sent[i]++
			a.view.Depth[i]++
			return
		}
		if !lane.Closed() { // HandOver are on their way
			return
		}
		a.view.SetOpen(i, false) // it has ended
		if a.bal.Update(a.view) != nil {
			return
		}
	}
}

// refresh looks at how many connections have ended.
func (a *acceptor) refresh(l *exec.Local) {
	if a.blind {
		return
	}
	v := a.view
	for i, w := range a.s.workers {
		v.Taken[i] = w.over.Load()
		v.Depth[i] = v.Sent[i] - v.Taken[i]
	}
	v.Now = int64(l.Now())
}

// check says in the log, once, that the balancer is wrong.
func (a *acceptor) check(i int) {
	if i == balance.Full || a.warned {
		return
	}
	a.warned = true
	log := a.s.cfg.Exec.Logger
	if log == nil {
		log = slog.Default()
	}
	log.Error("serve: the balancer picks a worker that does not exist: such connections are refused", "server", a.s.cfg.Name, "worker", i, "workers", len(a.lanes))
}
