package netio

import (
	"errors"
	"net"
)

// Entry returns a Listener that has no address: the connections that it serves were accepted
// on another loop, and come by [Listener.Adopt]. The limits of cfg, and Refuse, are those of
// these connections; what concerns the socket of a listener is not looked at.
func (r *Reactor) Entry(cfg ListenConfig) (*Listener, error) {
	switch {
	case r.draining:
		return nil, ErrDraining
	case cfg.Handle == nil || cfg.Dispatch != nil:
		return nil, errors.New("netio: an Entry needs a Handle, and no Dispatch")
	case cfg.MaxConns < 0 || cfg.IdleTimeout < 0 || cfg.MaxLifetime < 0:
		return nil, errNegative
	}
	return &Listener{r: r, fd: -1, cfg: cfg}, nil
}

// Adopt makes a connection one of this loop, on which it is called, and begins to serve it.
// If there is an error the connection was refused, and counted. The error wraps ErrTooMany
// or exec.ErrTooMany, or is ErrDraining, or net.ErrClosed after Close.
func (ln *Listener) Adopt(a Accepted) error {
	if err := ln.barred(); err != nil {
		a.Close()
		ln.r.counters[cRefused]++
		return err
	}
	return ln.serve(a)
}

// barred returns why the listener takes in nothing any more, or nil.
func (ln *Listener) barred() error {
	switch {
	case ln.r.draining:
		return ErrDraining
	case ln.closed:
		return net.ErrClosed
	}
	return nil
}

// Dismiss refuses a connection that another listener has handed to a Dispatch: with a word
// from Refuse, and counted. It is called on the loop.
func (ln *Listener) Dismiss(a Accepted) { ln.refuse(a) }

// Open returns how many connections that came by this listener are open. It is called on the
// loop.
func (ln *Listener) Open() int { return ln.open }
