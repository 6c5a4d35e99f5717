package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/group"
)

// Server is a group whose workers serve connections. All methods may be called by any
// goroutine; those that block return exec.ErrOnLoop on a loop.
type Server struct {
	cfg      Config
	group    *group.Group[exec.Task]
	workers  []*worker
	acceptor *acceptor // nil where the kernel spreads

	addr     atomic.Pointer[net.Addr] // set by Start
	sweep    sync.Once
	sweepers sync.WaitGroup // one for each worker that connections are handed to
}

// New returns a server that listens when it is started. The error names what is wrong with
// cfg.
func New(cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg}
	s.group, err = group.New(group.Config[exec.Task]{
		Name: cfg.Name, Workers: cfg.Workers, CPUs: cfg.CPUs, Exec: cfg.Exec,
		Worker: func(l *exec.Local, id int) (group.Handler[exec.Task], error) { return s.workers[id].start(l) },
	})
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	for id := range cfg.Workers {
		s.workers = append(s.workers, &worker{s: s, id: id})
	}
	if cfg.Balance != nil {
		if err := s.handOver(); err != nil {
			return nil, fmt.Errorf("serve: %s: %w", cfg.Name, err)
		}
	}
	return s, nil
}

// handOver makes the acceptor, and the way from it to the workers.
func (s *Server) handOver() (err error) {
	a := &acceptor{s: s}
	if err := a.prepare(); err != nil {
		return fmt.Errorf("Config.Balance: %w", err)
	}
	for _, w := range s.workers {
		w.in, err = exec.NewInbox(s.group.Exec(w.id), exec.InboxConfig[netio.Accepted]{
			Name: "connections", Cap: 1, LaneCap: s.cfg.HandOver, MaxLanes: 1, Handle: w.take,
		})
		if err != nil {
			return err
		}
	}
	if own := s.cfg.Acceptor; own != nil {
		cfg := *own
		if cfg.Name == "" {
			cfg.Name = s.cfg.Name + "/acceptor"
		}
		first := cfg.OnStart
		cfg.OnStart = func(l *exec.Local) error {
			if first != nil {
				if err := first(l); err != nil {
					return err
				}
			}
			r, err := netio.New(l, s.cfg.Net)
			a.r.Store(r)
			return err
		}
		if a.x, err = exec.New(cfg); err != nil {
			return fmt.Errorf("Config.Acceptor: %w", err)
		}
	}
	s.acceptor = a
	return nil
}

// Group returns the group, for all else that one can do with it: tasks for the workers, calls
// to them, state that is split over them (group.NewSharded, before Start).
func (s *Server) Group() *group.Group[exec.Task] { return s.group }

// Addr returns the address that the server listens at, or nil before Start has returned.
func (s *Server) Addr() net.Addr {
	if a := s.addr.Load(); a != nil {
		return *a
	}
	return nil
}

// Start starts the workers and then listens. It returns when clients can connect. If anything
// fails, everything is ended.
func (s *Server) Start() error {
	if exec.OnLoop() {
		return exec.ErrOnLoop
	}
	if s.acceptor != nil {
		s.sweep.Do(func() {
			for _, w := range s.workers {
				s.sweepers.Go(w.sweep)
			}
		})
	}
	if err := s.group.Start(); err != nil {
		return err
	}
	err := s.listen()
	if err != nil {
		s.Stop()
		_ = s.Wait()
		return fmt.Errorf("serve: %s: %w", s.cfg.Name, err)
	}
	return nil
}

// listen opens the listeners, on their loops, one after the other: the kernel numbers those
// that share an address.
func (s *Server) listen() error {
	if a := s.acceptor; a != nil {
		x, r := s.group.Exec(0), s.workers[0].reactor.Load()
		if a.x != nil {
			if err := a.x.Start(); err != nil {
				return fmt.Errorf("acceptor: %w", err)
			}
			s.sweepers.Go(a.watch)
			x, r = a.x, a.r.Load()
		}
		return s.on(x, func(l *exec.Local) (net.Addr, error) { return a.listen(l, r) })
	}
	address := s.cfg.Address
	for i, w := range s.workers {
		cfg := s.cfg.Listen
		cfg.ReusePort = s.cfg.Share || len(s.workers) > 1 || cfg.Steer != nil
		cfg.First = cfg.ReusePort && !s.cfg.Share && i == 0
		err := s.on(s.group.Exec(i), func(*exec.Local) (net.Addr, error) {
			cfg.Handle = w.handler
			ln, err := w.reactor.Load().Listen(s.cfg.Network, address, cfg)
			if err != nil {
				return nil, err
			}
			return ln.Addr(), nil
		})
		if err != nil {
			return fmt.Errorf("worker %d: %w", i, err)
		}
		if i == 0 {
			address = withPort(address, s.Addr())
		}
	}
	return nil
}

// on runs listen on x, and keeps the address.
func (s *Server) on(x *exec.Exec, listen func(l *exec.Local) (net.Addr, error)) error {
	addr, err := exec.Call(context.Background(), x, listen)
	if err == nil {
		s.addr.Store(&addr)
	}
	return err
}

// withPort returns address with the port of a listener that was opened at it. The host stays:
// none at all is another address than the one that the kernel shows for it.
func withPort(address string, of net.Addr) string {
	tcp, ok := of.(*net.TCPAddr)
	if !ok {
		return address
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return net.JoinHostPort(host, fmt.Sprint(tcp.Port))
}

// Wait returns when every worker has ended, with the errors that ended them.
func (s *Server) Wait() error {
	err := s.group.Wait()
	if a := s.acceptor; a != nil && a.x != nil {
		if ownErr := a.wait(); ownErr != nil {
			err = errors.Join(err, ownErr)
		}
	}
	if !exec.OnLoop() {
		s.sweepers.Wait()
	}
	return err
}

// wait ends an acceptor that has nobody left to hand anything to.
func (a *acceptor) wait() error {
	if exec.OnLoop() {
		return exec.ErrOnLoop
	}
	a.x.Stop()
	return a.x.Wait()
}

// watch ends the workers if the acceptor has failed: nothing would come any more.
func (a *acceptor) watch() {
	if a.x.Wait() != nil {
		a.s.group.Stop()
	}
}

// Run is Start and Wait. The end of ctx stops the server, as Stop does.
func (s *Server) Run(ctx context.Context) error {
	defer context.AfterFunc(ctx, s.Stop)()
	if err := s.Start(); err != nil {
		return err
	}
	return s.Wait()
}

// Stop ends every worker after the turn that it is in. All connections are closed. It does
// not wait.
func (s *Server) Stop() {
	if a := s.acceptor; a != nil && a.x != nil {
		a.x.Stop()
	}
	s.group.Stop()
}
