package server

import (
	"slices"

	"github.com/pushcore/pushcore/exec"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/store"
)

// A command whose keys are in several shards and which cannot be taken apart (RENAME, SINTER)
// has the shards lent to its worker for as long as it takes. They are asked for in the order
// of their numbers, so two who want the same ones cannot wait for each other.

// lending is whether a worker's shard is its own right now.
type lending struct {
	lent    bool
	back    exec.Signal // it is
	queue   []*parcel   // what came meanwhile, in order; credits bound it
	pending *parcel     // the shard is to be lent when what it has noted is in the log
}

// await waits until the shard is here.
func (d *lending) await(co *exec.Co) error {
	for d.lent {
		if err := d.back.Wait(co); err != nil {
			return err
		}
	}
	return nil
}

// begin lends the shard to whoever has sent p. What was noted of it must be in the log first:
// the borrower writes what it notes itself.
func (d *lending) begin(w *worker, p *parcel) {
	d.lent = true
	w.counts.lent++
	if w.journal.writing() && !w.journal.broken {
		d.pending = p
		w.journal.kick()
		return
	}
	p.release(w)
}

// written is told that the log has all.
func (d *lending) written(w *worker) {
	if p := d.pending; p != nil {
		d.pending = nil
		p.release(w)
	}
}

// end takes the shard back. The worker's own sessions go on before the others.
func (d *lending) end(w *worker) {
	d.lent = false
	d.back.WakeAll()
	if len(d.queue) > 0 && !w.l.Spawn(exec.Func(func(*exec.Local) { d.next(w) })) {
		d.next(w)
	}
}

// next attends to what came while the shard was lent.
func (d *lending) next(w *worker) {
	for len(d.queue) > 0 && !d.lent {
		p := d.queue[0]
		d.queue = slices.Delete(d.queue, 0, 1)
		w.execute(p)
	}
}

// together does a command whose keys are in several shards, once all before it is done.
func (f *flight) together(co *exec.Co, cmd *command.Command, keys [][]byte, step int) (err error) {
	if len(f.slots) > 0 {
		if err := f.settle(co); err != nil {
			return err
		}
	}
	w := f.w
	var wanted []int
	for i := 0; i < len(keys); i += step {
		wanted = append(wanted, w.srv.shardOf(keys[i]))
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	// All credits at once: who has a shard must not wait for a credit.
	if err := w.credits.Acquire(co, len(wanted)); err != nil {
		return err
	}
	dbs := make([]*store.DB, len(f.parcels))
	var borrowed []*parcel
	defer func() {
		for _, p := range borrowed {
			p.kind, p.back = giveBack, false
			w.send(p, p.to)
		}
	}()
	for i, shard := range wanted {
		p := &parcel{home: w.id, to: shard, flight: f, kind: lendMe}
		f.out(p)
		if err := f.await(co); err != nil {
			w.credits.Release(len(wanted) - i - 1)
			return err
		}
		borrowed = append(borrowed, p)
		dbs[shard] = w.srv.workers[shard].db
	}
	return f.onLoan(co, cmd, dbs)
}

// onLoan does a command on shards that were lent, and writes what it notes to the log before
// they go back: what their owners note later comes after it.
func (f *flight) onLoan(co *exec.Co, cmd *command.Command, dbs []*store.DB) error {
	own, ownLog := f.ctx.DBs, f.ctx.Log
	var log command.Log
	f.ctx.DBs, f.ctx.Log = dbs, nil
	if ownLog != nil {
		f.ctx.Log = &log
	}
	f.ctx.Begin()
	f.ctx.Proto = f.s.proto
	f.here(cmd)
	f.ctx.DBs, f.ctx.Log = own, ownLog
	if len(log.Buf) == 0 {
		return nil
	}
	return f.w.journal.append(co, log.Buf)
}
