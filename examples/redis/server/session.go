package server

import (
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/resp"
)

// session is a connection. While it is idle this is all there is of it.
type session struct {
	w       *worker
	c       *netio.Conn
	id      uint64
	proto   int
	name    string
	began   time.Duration // on the loop's clock
	active  time.Duration
	last    *command.Command
	timeout int // seconds, as set on c
	mute    mute
	closing bool // when what it was told has been written
}

// maxClientsReply is what Redis says then.
const maxClientsReply = "-ERR max number of clients reached\r\n"

// serve is the handler of a connection: it is called when there is something to read.
func (w *worker) serve(co *exec.Co, c *netio.Conn) error {
	s, _ := c.Data.(*session)
	if s == nil {
		return w.welcome(c)
	}
	b, err := c.Peek(c.Buffered() + 1)
	if err != nil {
		return nil // the client is gone, or was told to go
	}
	s.active = w.l.Now()
	f := w.flight(s)
	err = f.input(co, b)
	f.land()
	if err == nil && !s.closing {
		return netio.Wait
	}
	return err
}

// welcome begins a session, or refuses it.
func (w *worker) welcome(c *netio.Conn) error {
	o := w.srv.options.Load()
	if w.srv.clients.Add(1) > int64(o.MaxClients) {
		w.srv.clients.Add(-1)
		w.srv.rejected.Add(1)
		_, _ = c.TryWrite([]byte(maxClientsReply))
		return nil
	}
	now := w.l.Now()
	s := &session{w: w, c: c, id: w.srv.lastID.Add(1), proto: resp.V2, began: now, active: now}
	w.sessions[s.id] = s
	w.counts.connections++
	c.Data = s
	c.OnClose(func(*netio.Conn, error) { w.goodbye(s) })
	s.limit(o.Timeout)
	return netio.Wait
}

// goodbye ends a session.
func (w *worker) goodbye(s *session) {
	delete(w.sessions, s.id)
	w.srv.clients.Add(-1)
}

// limit sets how long it may be idle, in seconds.
func (s *session) limit(timeout int) {
	if s.timeout == timeout {
		return
	}
	s.timeout = timeout
	if err := s.c.SetIdleTimeout(time.Duration(timeout) * time.Second); err != nil {
		s.w.srv.log.Warn("a client has no timeout", "client", s.id, "error", err)
	}
}
