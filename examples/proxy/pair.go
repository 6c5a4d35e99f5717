package main

import (
	"context"
	"io"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// pair is a client's connection and that to its upstream. Either has a handler that passes on
// what comes and then returns netio.Wait: a pair on which nothing moves has neither coroutine
// nor buffer.
type pair struct {
	w              *worker
	client, server *netio.Conn    // server is nil until there is one
	near           stream         // what is passed on of the client: its connection, or TLS over that
	secure         *netio.TLSConn // that, or nil
	shaking        bool           // it is in the handshake
	u              *upstream
	ended          int         // directions in which all was passed on, and the end, too
	dead           bool        // both are closed
	done           exec.Signal // dead
}

// stream is what a side can do, with TLS and without.
type stream interface {
	TryRead(b []byte) (int, error)
	TryWrite(b []byte) (int, error)
	Write(b []byte) (int, error)
	CloseWrite() error
}

// attach completes a pair.
func (p *pair) attach(server *netio.Conn, u *upstream) {
	p.server, p.u = server, u
	server.Data = p
	server.OnClose(closed)
	server.OnReset(lost)
}

// pass is the handler of either connection: it passes on what there is.
func (w *worker) pass(co *exec.Co, c *netio.Conn) error {
	p := c.Data.(*pair)
	from, to, f := p.near, stream(p.server), &w.count.Upstream
	if c == p.server {
		from, to, f = to, from, &w.count.Downstream
	}
	for {
		b := w.buffers.get()
		n, err := from.TryRead(b)
		if n > 0 {
			err = f.write(to, b[:n])
		}
		w.buffers.put(b)
		switch {
		case err == io.EOF:
			return p.end(co, to)
		case err != nil:
			p.fail()
			return nil
		case n == 0:
			return netio.Wait
		case n == len(b) && co.Local().ShouldYield(): // there is more, and others wait
			if err := co.Yield(); err != nil {
				p.fail()
				return nil
			}
		}
	}
}

// write passes on b. As long as the other side does not take it this direction is read no
// further, so that the kernel makes the sender wait.
func (f *flow) write(to stream, b []byte) error {
	f.In += uint64(len(b))
	f.Chunks++
	n, err := to.TryWrite(b)
	if err == nil && n < len(b) {
		f.Slow++
		var more int
		more, err = to.Write(b[n:])
		n += more
	}
	f.Out += uint64(n)
	f.Lost += uint64(len(b) - n)
	return err
}

// end passes on the end of one direction. The connection is needed until the other one has
// ended, too.
func (p *pair) end(co *exec.Co, to stream) error {
	p.ended++
	if p.ended == 2 && p.secure == nil {
		p.w.finish(p)
		return nil
	}
	err := to.CloseWrite()
	if err == nil && p.ended == 2 { // what is encrypted is ours until the kernel has it
		if err = p.secure.Flush(); err == nil {
			p.w.finish(p)
		}
	}
	if err != nil {
		p.fail()
	}
	for !p.dead {
		if err := p.done.Wait(co); err != nil { // the Exec ends
			p.fail()
		}
	}
	return nil
}

// finish closes a pair that has ended well.
func (w *worker) finish(p *pair) {
	if !p.dead {
		w.count.Finished++
		p.close()
	}
}

// fail ends a pair of which one side is lost. The other side is reset, so that it does not take
// this for the end of what was sent.
func (p *pair) fail() {
	if p.dead {
		return
	}
	if p.w.proxy.ending.Load() {
		p.w.count.Cut++
	} else {
		p.w.count.Broken++
	}
	_ = p.client.SetLinger(0)
	if p.server != nil {
		_ = p.server.SetLinger(0)
	}
	p.close()
}

// cut ends all connections, by a reset: what was passed on until now is not to look like all.
func (w *worker) cut() {
	_, _ = exec.Call(context.Background(), w.x, func(*exec.Local) (struct{}, error) {
		for p := range w.pairs {
			p.fail()
		}
		return struct{}{}, nil
	})
}

// close closes what is open of a pair.
func (p *pair) close() {
	p.dead = true
	delete(p.w.pairs, p)
	_ = p.client.Close()
	if p.server != nil {
		_ = p.server.Close()
		p.w.release(p.u)
	}
	p.w.proxy.open.Add(-1)
	p.done.WakeAll()
}

// lost is told that one of a pair was reset, also while the other one takes nothing, so that
// nobody would read it.
func lost(c *netio.Conn) { c.Data.(*pair).fail() }

// closed is told that one of a pair was closed: by the pair itself, or from within.
func closed(c *netio.Conn, why error) {
	p := c.Data.(*pair)
	if p.dead {
		return
	}
	switch why {
	case netio.ErrIdle:
		p.w.count.Idle++
	case netio.ErrLifetime:
		p.w.count.Lifetime++
	case netio.ErrOverrun: // a client that makes TLS answer, and does not read
		p.w.count.Broken++
	case nil: // its handler has refused it, or failed; or TLS has
		if p.shaking {
			p.w.count.BadHandshakes++
		}
	default:
		p.w.count.Cut++
	}
	p.close()
}

// buffers are those of one worker. Between a read and the write that follows nothing else
// runs, so one is enough for all connections, and it is in the cache; only a direction whose
// reader is slow keeps one for longer.
type buffers struct {
	size int
	free [][]byte
}

// keepBuffers is how many buffers that nobody needs are kept.
const keepBuffers = 16

func (p *buffers) get() []byte {
	last := len(p.free) - 1
	if last < 0 {
		return make([]byte, p.size)
	}
	b := p.free[last]
	p.free = p.free[:last]
	return b
}

func (p *buffers) put(b []byte) {
	if len(p.free) < keepBuffers {
		p.free = append(p.free, b)
	}
}
