package serve

import (
	"errors"
	"fmt"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/exec/place"
)

// DefaultHandOver is the default of Config.HandOver.
const DefaultHandOver = 1024

const maxHandOver = 1 << 22

// Config says what is served, and by whom. Address must be set, and one of Handle and Worker.
type Config struct {
	// Name appears in errors, logs and the names of the Execs. Default "serve".
	Name string

	// Network is "tcp" (the default), "tcp4", "tcp6" or "unix", and Address what
	// netio.Reactor.Listen takes: host and port, or a path. Port 0 is one that the kernel
	// picks: see Server.Addr.
	Network, Address string

	// Workers is the number of workers. Default: one per cpu in CPUs, else 1.
	Workers int
	// CPUs has the processor of each worker, in order. Empty: the threads are not pinned.
	CPUs place.Set

	// Handle serves each connection, on all workers.
	Handle netio.Handler
	// Worker, in the place of Handle, makes the Handler of worker id, on its thread, before
	// anything is accepted: the Handler closes over what only this worker touches.
	Worker func(l *exec.Local, r *netio.Reactor, id int) (netio.Handler, error)

	// Balance picks the worker for each connection. Nil: every worker has a listener of its
	// own, and the kernel spreads.
	Balance balance.Policy
	// Key is what a keyed Balance goes by. Default ByIP. It is called on the acceptor's loop.
	Key func(a netio.Accepted) uint64
	// Acceptor gives the acceptor an Exec of its own. Nil: it is on the loop of worker 0.
	Acceptor *exec.Config
	// HandOver is how many connections may be on their way to one worker.
	HandOver int

	// Share lets others listen at the same address at the same time (SO_REUSEPORT): the next
	// version of the program, for example, before this one drains. Otherwise Start fails if
	// somebody does.
	Share bool

	// Listen is the template of the listeners. MaxConns is that of each worker. Handle,
	// Dispatch, ReusePort and First are not to be set here. Steer is for servers without
	// Balance.
	Listen netio.ListenConfig
	// Net is the template of the Reactors, Exec that of the workers' Execs, of which Name,
	// CPUs and OnStart are set by the group: an OnStart here runs before all else.
	Net  netio.Config
	Exec exec.Config
}

// withDefaults returns a checked copy in which every field is set.
func (c Config) withDefaults() (Config, error) {
	if c.Name == "" {
		c.Name = "serve"
	}
	if c.Network == "" {
		c.Network = "tcp"
	}
	if c.Workers == 0 {
		c.Workers = max(len(c.CPUs), 1)
	}
	if c.HandOver == 0 {
		c.HandOver = DefaultHandOver
	}
	if c.Key == nil {
		c.Key = ByIP
	}
	switch n := c.Listen; {
	case (c.Handle == nil) == (c.Worker == nil):
		return c, errors.New("serve: Config has both or neither of Handle and Worker: one of them says what to do with connections")
	case c.HandOver < 1 || c.HandOver > maxHandOver:
		return c, fmt.Errorf("serve: Config.HandOver is %d: it must be from 1 to %d, or 0 for the default of %d", c.HandOver, maxHandOver, DefaultHandOver)
	case n.Handle != nil || n.Dispatch != nil || n.ReusePort || n.First:
		return c, errors.New("serve: Config.Listen has Handle, Dispatch, ReusePort or First, which are set by the server: use Config.Handle, Balance and Share")
	case c.Balance != nil && n.Steer != nil:
		return c, errors.New("serve: Config has both Balance and Listen.Steer: either the acceptor or the kernel picks")
	case c.Balance == nil && c.Acceptor != nil:
		return c, errors.New("serve: Config.Acceptor is set, but without Balance there is no acceptor: every worker has a listener")
	case c.Balance == nil && c.Workers > 1 && c.Network == "unix":
		return c, fmt.Errorf("serve: %d workers cannot share the Unix domain socket %s, which the kernel does not spread: set Config.Balance", c.Workers, c.Address)
	}
	if c.Worker == nil {
		c.Worker = func(*exec.Local, *netio.Reactor, int) (netio.Handler, error) { return c.Handle, nil }
	}
	return c, nil
}
