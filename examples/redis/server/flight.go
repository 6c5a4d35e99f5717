package server

import (
	"github.com/pushcore/pushcore/examples/redis/store"
	"github.com/pushcore/pushcore/exec"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/resp"
)

// flight is what a session needs while it has something under way. It goes from one to the
// next, so an idle client has none of it.
//
// Invariant: if slots is empty, ctx.Out is what is to be written. Otherwise ctx.Out has the
// replies that were made here, and slots say, in the order of the commands, where each reply
// is.
type flight struct {
	w      *worker
	s      *session
	parser resp.Parser
	ctx    command.Ctx
	batch  []pending // of which the parser has the arguments

	slots   []slot
	parcels []*parcel // what is for each shard; nil: nothing
	flying  int       // parcels that have not come back
	arrived exec.Signal
	wire    []byte // what is written when there are slots
}

// flight takes one.
func (w *worker) flight(s *session) *flight {
	var f *flight
	if last := len(w.flights) - 1; last >= 0 {
		f = w.flights[last]
		w.flights = w.flights[:last]
	} else {
		f = &flight{w: w, parcels: make([]*parcel, len(w.srv.workers))}
		f.arrived.Init(w.l)
		f.ctx = command.Ctx{DBs: []*store.DB{w.db}, Shard: w.srv.shardFunc(), Clock: w.srv.clock, Log: w.journal.noted(), Host: w}
	}
	f.s = s
	return f
}

// land gives it back. One that has parcels under way, because its wait ended early, is left
// to them.
func (f *flight) land() {
	f.s = nil
	if f.flying > 0 || len(f.w.flights) == keepFlights {
		return
	}
	f.parser.Reset()
	if cap(f.parser.Args) > 1024 {
		f.parser = resp.Parser{}
	}
	f.ctx.Out, f.wire, f.slots = small(f.ctx.Out), small(f.wire), f.slots[:0]
	f.ctx.Args = nil
	clear(f.parcels)
	f.w.flights = append(f.w.flights, f)
}

// small returns a buffer to be used again, if it is worth it.
func small(b []byte) []byte {
	if cap(b) > keepBuffer {
		return nil
	}
	return b[:0]
}

// input does what b asks for, which the connection's Peek has shown, and writes the replies.
func (f *flight) input(co *exec.Co, b []byte) error {
	o := f.w.srv.options.Load()
	f.s.limit(o.Timeout)
	f.ctx.MaxBulk, f.parser.MaxBulk = o.MaxBulk, o.MaxBulk
	f.ctx.Begin()
	used, err := f.requests(co, b, o.ReplyLimit)
	if err != nil {
		return err
	}
	c := f.s.c
	c.Discard(used)
	if err := f.finish(co); err != nil || f.s.closing {
		return err
	}
	if left := len(b) - used; left > 0 && left >= readBuffer {
		return f.long(co, o.QueryLimit, o.ReplyLimit)
	}
	return nil
}

// requests does what the whole requests of b ask for, and returns how many bytes they are.
func (f *flight) requests(co *exec.Co, b []byte, replyLimit int) (used int, err error) {
	for full := true; full; {
		n, bad := f.read(b[used:])
		f.w.warm()
		full = len(f.batch) == store.Batch
		from := 0
		for i := range f.batch {
			p := &f.batch[i]
			if err := f.request(co, p, f.parser.Args[from:p.args]); err != nil || f.s.closing {
				return used + p.end, err
			}
			from = p.args
			if len(f.ctx.Out) >= replyLimit {
				if err := f.finish(co); err != nil {
					return used, err
				}
				f.ctx.Begin()
			}
		}
		used += n
		if bad != nil {
			f.w.counts.errors++
			if f.s.mute == speak {
				f.fault(bad.Error())
			}
			f.s.closing = true
			return len(b), nil
		}
	}
	return used, nil
}

// long goes on with a request that has not enough room in the connection's buffer, and with
// what follows it, until the input ends with a request.
func (f *flight) long(co *exec.Co, queryLimit, replyLimit int) error {
	c := f.s.c
	q := append([]byte(nil), must(c.Peek(0))...)
	c.Discard(len(q))
	f.parser.Reset()
	for len(q) > 0 && !f.s.closing {
		// What is announced is not made room for before some of it has come.
		if room := cap(q) - len(q); room < 4<<10 {
			more := min(max(len(q), 16<<10), max(f.parser.Missing(len(q)), 16<<10))
			q = append(make([]byte, 0, len(q)+more), q...)
		}
		n, err := c.Read(q[len(q):cap(q)])
		if err != nil {
			return nil // the client is gone
		}
		q = q[:len(q)+n]
		f.ctx.Begin()
		used, err := f.requests(co, q, replyLimit)
		if err != nil {
			return err
		}
		if q = append(q[:0], q[used:]...); cap(q) > 1<<20 && len(q) < cap(q)/8 {
			q = append([]byte(nil), q...)
		}
		if len(q) > queryLimit {
			f.w.srv.log.Warn("a client was closed: its request is longer than client-query-buffer-limit", "client", f.s.id, "bytes", len(q))
			f.s.closing = true
			return nil
		}
		if err := f.finish(co); err != nil {
			return err
		}
		if err := co.Yield(); err != nil {
			return err
		}
	}
	return nil
}

// must is for a Peek of what is there, which cannot fail.
func must(b []byte, _ error) []byte { return b }

// finish waits for what is under way, and writes all replies.
func (f *flight) finish(co *exec.Co) error {
	if len(f.slots) > 0 {
		if err := f.settle(co); err != nil {
			return err
		}
	}
	if err := f.w.journal.await(co); err != nil {
		return err
	}
	return f.write(co, &f.ctx.Out)
}

// write writes a buffer and empties it.
func (f *flight) write(co *exec.Co, b *[]byte) (err error) {
	if len(*b) > 0 {
		_, err = f.s.c.Write(*b)
		*b = small(*b)
	}
	return err
}

// fault replies with an error of the request itself.
func (f *flight) fault(msg string) {
	f.local(func() { f.ctx.Out = resp.AppendError(f.ctx.Out, msg) })
}
