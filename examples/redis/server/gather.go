package server

import (
	"math/rand/v2"

	"github.com/pushcore/pushcore/exec"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/resp"
)

// slot is where a reply, or a part of one, is: in a parcel, in the flight's own output, or to
// be gathered.
type slot struct {
	parcel   *parcel
	item     int
	from, to int // in ctx.Out, if neither parcel nor gather is set
	gather   *gather
}

// gather makes one reply of parts.
type gather struct {
	cmd   *command.Command
	proto int
	parts []slot   // by shard; those of shards that were not asked are zero
	order []int    // the shard of each key, in the order of the command
	args  []string // for a gathering of the server's own
}

// find returns a reply, or a part, if it is here.
func (f *flight) find(s slot) (b []byte, here bool) {
	if s.parcel != nil {
		return s.parcel.reply(s.item)
	}
	return f.ctx.Out[s.from:s.to], true
}

// settle sends the parcels out, until all is done, and puts the replies in order.
func (f *flight) settle(co *exec.Co) error {
	if !f.anyParcel() { // a gathering of this shard alone
		f.emit()
	}
	for len(f.slots) > 0 {
		for _, p := range f.parcels {
			if p != nil && p.done < len(p.items) && p.written == p.done {
				if err := f.depart(co, p); err != nil {
					return err
				}
			}
		}
		if err := f.await(co); err != nil {
			return err
		}
		for _, p := range f.parcels {
			if p != nil && p.lost {
				return errLost
			}
		}
		f.emit()
		if len(f.slots) == 0 {
			break
		}
		if err := f.w.journal.await(co); err != nil {
			return err
		}
		if err := f.write(co, &f.wire); err != nil {
			return err
		}
	}
	for i, p := range f.parcels {
		if p != nil {
			f.w.keep(p)
			f.parcels[i] = nil
		}
	}
	f.ctx.Out, f.wire = f.wire, f.ctx.Out[:0]
	f.ctx.Begin()
	return nil
}

func (f *flight) anyParcel() bool {
	for _, p := range f.parcels {
		if p != nil {
			return true
		}
	}
	return false
}

// await waits until all parcels are back.
func (f *flight) await(co *exec.Co) error {
	for f.flying > 0 {
		if err := f.arrived.Wait(co); err != nil {
			return err
		}
	}
	return nil
}

// emit moves replies to wire, up to the first one that is not here.
func (f *flight) emit() {
	n := 0
	for _, s := range f.slots {
		if s.gather != nil {
			if !f.complete(s.gather) {
				break
			}
			f.wire = f.merge(f.wire, s.gather)
			for _, part := range s.gather.parts {
				part.leave()
			}
		} else {
			b, here := f.find(s)
			if !here {
				break
			}
			f.wire = append(f.wire, b...)
			s.leave()
		}
		n++
	}
	f.slots = append(f.slots[:0], f.slots[n:]...)
}

// leave notes that a reply has been used.
func (s slot) leave() {
	if s.parcel != nil {
		s.parcel.written = s.item + 1
	}
}

func (f *flight) complete(g *gather) bool {
	for _, part := range g.parts {
		if _, here := f.find(part); !here {
			return false
		}
	}
	return true
}

// merge appends the reply that is made of the parts.
func (f *flight) merge(b []byte, g *gather) []byte {
	parts := make([][]byte, len(g.parts))
	for i, s := range g.parts {
		if parts[i], _ = f.find(s); len(parts[i]) > 0 && resp.IsError(parts[i]) {
			return append(b, parts[i]...)
		}
	}
	switch g.cmd.Gather {
	case command.Sum:
		sum := int64(0)
		for _, p := range parts {
			if len(p) > 0 {
				n, _ := resp.Header(p)
				sum += n
			}
		}
		return resp.AppendInt(b, sum)
	case command.Values:
		return mergeValues(b, parts, g.order)
	case command.AllOK:
		return append(b, resp.OK...)
	case command.Concat:
		return mergeArrays(b, parts)
	case command.AnyOne:
		return mergeAny(b, parts, g.proto)
	case command.Lines:
		text := ""
		for _, p := range parts {
			text += bulkText(p)
		}
		return resp.AppendVerbatim(b, g.proto, text)
	}
	return mergers[g.cmd.Name](f.w.srv, b, g, parts)
}

// mergeValues takes the elements of the parts in the order of the keys.
func mergeValues(b []byte, parts [][]byte, order []int) []byte {
	for i, p := range parts {
		if len(p) > 0 {
			_, size := resp.Header(p)
			parts[i] = p[size:]
		}
	}
	b = resp.AppendArray(b, len(order))
	for _, shard := range order {
		n := resp.Skip(parts[shard])
		b = append(b, parts[shard][:n]...)
		parts[shard] = parts[shard][n:]
	}
	return b
}

func mergeArrays(b []byte, parts [][]byte) []byte {
	total := int64(0)
	for i, p := range parts {
		n, size := resp.Header(p)
		total += n
		parts[i] = p[size:]
	}
	b = resp.AppendArray(b, int(total))
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// mergeAny takes one of those that are not null.
func mergeAny(b []byte, parts [][]byte, proto int) []byte {
	first := rand.IntN(len(parts))
	for i := range parts {
		p := parts[(first+i)%len(parts)]
		if n, _ := resp.Header(p); p[0] == '$' && n >= 0 {
			return append(b, p...)
		}
	}
	return resp.AppendNull(b, proto)
}

// bulkText returns the text of a bulk string.
func bulkText(p []byte) string {
	n, size := resp.Header(p)
	return string(p[size : size+int(n)])
}
