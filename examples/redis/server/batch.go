package server

import (
	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/store"
)

// Requests that have come together are read together, at most store.Batch of them, and then
// done one after the other. So the memory that their keys are in is fetched at once: see
// store.DB.Warm. Nothing else is done ahead: what a request does, and whether it is done at
// all, depends on those before it.

// pending is a request that was read and is not done yet.
type pending struct {
	cmd   *command.Command // nil: there is no such command
	fault string           // why it cannot be done, or ""
	shard int              // that has its first key, or noShard
	args  int              // the end of its arguments in those of the batch
	end   int              // of it in the input
}

// noShard is that of a request without keys, or whose keys are not where they should be.
const noShard = -1

// read reads the next requests of b. It returns how many bytes they are, and why what follows
// them is no request.
func (f *flight) read(b []byte) (used int, err error) {
	f.batch = f.batch[:0]
	f.parser.Begin()
	for len(f.batch) < store.Batch {
		from := len(f.parser.Args)
		n, err := f.parser.More(b[used:])
		if err != nil || n == 0 {
			return used, err
		}
		used += n
		if args := f.parser.Args[from:]; len(args) > 0 {
			f.batch = append(f.batch, f.pending(args))
			last := &f.batch[len(f.batch)-1]
			last.args, last.end = from+len(args), used
		}
	}
	return used, nil
}

// pending finds out what a request is about.
func (f *flight) pending(args [][]byte) pending {
	p := pending{shard: noShard}
	p.cmd, p.fault = f.w.srv.table.Request(args)
	if p.fault != "" {
		return p
	}
	first, last, step := p.cmd.Keys(args)
	if last < first || step > 1 && (len(args)-first)%step != 0 {
		return p // it will say what is wrong
	}
	if p.shard = 0; len(f.parcels) > 1 {
		p.shard = f.w.srv.shardOf(args[first])
	}
	if p.shard == f.w.id {
		f.w.want(p.cmd, args)
	}
	return p
}

// want has the keys of a request warmed with those of the others of its batch.
func (w *worker) want(cmd *command.Command, args [][]byte) {
	first, last, step := cmd.Keys(args)
	for i := first; i <= last && len(w.wanted) < store.Batch; i += step {
		w.wanted = append(w.wanted, args[i])
	}
}

// warm warms what was wanted, if that is worth it and the shard is here.
func (w *worker) warm() {
	if len(w.wanted) > 1 && !w.lending.lent {
		w.db.Warm(w.wanted)
	}
	clear(w.wanted) // they are others' buffers
	w.wanted = w.wanted[:0]
}
