package server

import (
	"github.com/pushcore/pushcore/exec"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/store"
)

// parcel is what one flight has for one shard: commands, and on the way back their replies. It
// belongs to whoever has it.
type parcel struct {
	home, to int // workers
	flight   *flight
	kind     parcelKind
	back     bool

	// What is to be done. The arguments are copies: the connection's buffer stays at home.
	buf   []byte
	ends  []int // in buf, of each argument
	items []item

	// What was done: the replies of items first to done-1.
	first, done int
	replies     []byte
	replied     []int // the end of each in replies
	written     int   // items whose replies have left, at home
	seq         uint64
	lost        bool // the log does not have it, and never will
}

type item struct {
	cmd   *command.Command
	args  int // the end of its arguments in ends
	proto int
}

type parcelKind uint8

const (
	doThis parcelKind = iota
	lendMe            // the shard
	giveBack
)

// replyBatch is how many bytes of replies a parcel brings home at once. If there is more to
// do it goes out again when these were written.
const replyBatch = 64 << 10

// parcel returns what the flight has for a shard.
func (f *flight) parcel(shard int) *parcel {
	p := f.parcels[shard]
	if p == nil {
		w := f.w
		if last := len(w.parcels) - 1; last >= 0 {
			p = w.parcels[last]
			w.parcels = w.parcels[:last]
		} else {
			p = &parcel{}
		}
		p.home, p.to, p.flight, p.kind, p.back = w.id, shard, f, doThis, false
		f.parcels[shard] = p
	}
	return p
}

// add adds a command and returns its number.
func (p *parcel) add(cmd *command.Command, proto int, args [][]byte) int {
	for _, a := range args {
		p.buf = append(p.buf, a...)
		p.ends = append(p.ends, len(p.buf))
	}
	p.items = append(p.items, item{cmd, len(p.ends), proto})
	return len(p.items) - 1
}

// reply returns the reply of an item, if it is here.
func (p *parcel) reply(i int) (b []byte, here bool) {
	if i < p.first || i >= p.done {
		return nil, false
	}
	from := 0
	if i > p.first {
		from = p.replied[i-p.first-1]
	}
	return p.replies[from:p.replied[i-p.first]], true
}

// keep keeps a parcel that is done with for another flight.
func (w *worker) keep(p *parcel) {
	if len(w.parcels) == keepParcels || cap(p.items) > 4096 || cap(p.ends) > 1<<14 {
		return
	}
	clear(p.items)
	*p = parcel{buf: small(p.buf), ends: p.ends[:0], items: p.items[:0], replies: small(p.replies), replied: p.replied[:0]}
	w.parcels = append(w.parcels, p)
}

// send sends a parcel on its way, out or back. There is always room: credits bound how many
// there are.
func (w *worker) send(p *parcel, to int) {
	w.counts.parcels++
	if err := w.fwd.SendTo(to, p); err != nil {
		w.srv.log.Error("a parcel was lost", "from", w.id, "to", to, "error", err)
	}
}

// attend does what a parcel asks for, as soon as the shard is here and it is its turn.
func (w *worker) attend(p *parcel) {
	if p.kind == giveBack {
		w.lending.end(w)
		return
	}
	if w.lending.lent || len(w.lending.queue) > 0 {
		w.lending.queue = append(w.lending.queue, p)
		return
	}
	w.execute(p)
}

func (w *worker) execute(p *parcel) {
	if p.kind == lendMe {
		w.lending.begin(w, p)
		return
	}
	p.first, p.replied, w.ctx.Out = p.done, p.replied[:0], p.replies[:0]
	w.ctx.Begin()
	w.ctx.MaxBulk = w.srv.options.Load().MaxBulk
	for p.done < len(p.items) && len(w.ctx.Out) < replyBatch {
		w.some(p)
	}
	p.replies, w.ctx.Out = w.ctx.Out, nil
	w.journal.hold(p)
}

// some does the next items of a parcel, at most store.Batch, while there is room for replies.
func (w *worker) some(p *parcel) {
	items := p.items[p.done:min(p.done+store.Batch, len(p.items))]
	at := 0
	if p.done > 0 {
		at = p.items[p.done-1].args
	}
	first, args := at, w.args[:0]
	for _, it := range items {
		from := len(args)
		for ; at < it.args; at++ {
			args = append(args, p.arg(at))
		}
		w.want(it.cmd, args[from:])
	}
	w.warm()
	from := 0
	for _, it := range items {
		if len(w.ctx.Out) >= replyBatch {
			break
		}
		w.ctx.Args, w.ctx.Proto = args[from:it.args-first], it.proto
		w.ctx.Run(it.cmd)
		from = it.args - first
		p.replied = append(p.replied, len(w.ctx.Out))
		p.done++
	}
	if w.ctx.Args, w.args = nil, args; cap(args) > 1<<14 {
		w.args = nil
	}
}

// arg returns an argument.
func (p *parcel) arg(i int) []byte {
	from := 0
	if i > 0 {
		from = p.ends[i-1]
	}
	return p.buf[from:p.ends[i]:p.ends[i]]
}

// release sends a parcel home.
func (p *parcel) release(w *worker) {
	p.back = true
	w.send(p, p.home)
}

// arrive is the end of its way.
func (p *parcel) arrive(w *worker) {
	w.credits.Release(1)
	f := p.flight
	if f.flying--; f.flying == 0 {
		f.arrived.WakeAll()
	}
	if p.kind == lendMe && f.s == nil { // whoever wanted it does not wait any more
		p.kind, p.back = giveBack, false
		w.send(p, p.to)
	}
}

// depart sends a parcel out and counts it.
func (f *flight) depart(co *exec.Co, p *parcel) error {
	if err := f.w.credits.Acquire(co, 1); err != nil {
		return err
	}
	f.out(p)
	return nil
}

// out sends a parcel that has its credit.
func (f *flight) out(p *parcel) {
	p.back = false
	f.flying++
	f.w.send(p, p.to)
}
