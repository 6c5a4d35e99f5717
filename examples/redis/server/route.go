package server

import (
	"github.com/pushcore/pushcore/exec"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/resp"
)

// route does, or sends away, what one request asks for.
func (f *flight) route(co *exec.Co, p *pending, args [][]byte) error {
	f.w.counts.commands++
	f.ctx.Args, f.ctx.Proto = args, f.s.proto
	cmd := p.cmd
	if p.fault != "" {
		f.w.counts.errors++
		if web[string(args[0])] {
			f.s.closing = true // somebody has a browser send requests to us
			return nil
		}
		f.fault(p.fault)
		return nil
	}
	f.s.last = cmd
	switch {
	case len(f.parcels) == 1 && cmd.Run != nil && cmd.Gather != command.Own && cmd.Gather != command.Lines:
		f.here(cmd)
		return nil
	case cmd.Shards:
		return f.everywhere(co, cmd)
	case cmd.Name == "scan":
		return f.scan(co, cmd)
	case cmd.Run == nil:
		f.local(func() { own[cmd.Name](f, args) })
		return nil
	case p.shard == noShard:
		return f.nearby(co, cmd)
	}
	first, last, step := cmd.Keys(args)
	shard, one := p.shard, true
	for i := first + step; i <= last && one; i += step {
		one = f.w.srv.shardOf(args[i]) == shard
	}
	switch {
	case !one && cmd.Gather == command.Together:
		return f.together(co, cmd, args[first:last+1], step)
	case !one:
		return f.apart(co, cmd, first, step)
	case shard == f.w.id:
		return f.nearby(co, cmd)
	}
	f.away(shard, cmd, args)
	return nil
}

// away has a command done on another shard.
func (f *flight) away(shard int, cmd *command.Command, args [][]byte) {
	f.open()
	p := f.parcel(shard)
	f.slots = append(f.slots, slot{parcel: p, item: p.add(cmd, f.s.proto, args)})
}

// open makes a slot of the replies so far, before there is the first one of something else.
func (f *flight) open() {
	if len(f.slots) == 0 && len(f.ctx.Out) > 0 {
		f.slots = append(f.slots, slot{to: len(f.ctx.Out)})
	}
}

// web are words with which requests of HTTP begin.
var web = map[string]bool{"POST": true, "post": true, "Host:": true, "host:": true, "HOST:": true}

// here does a command on this shard, which is not lent.
func (f *flight) here(cmd *command.Command) {
	from := len(f.ctx.Out)
	f.ctx.Run(cmd)
	if len(f.slots) > 0 {
		f.slots = append(f.slots, slot{from: from, to: len(f.ctx.Out)})
	}
}

// local adds the reply that f makes.
func (f *flight) local(reply func()) {
	from := len(f.ctx.Out)
	reply()
	if len(f.slots) > 0 {
		f.slots = append(f.slots, slot{from: from, to: len(f.ctx.Out)})
	}
}

// nearby does a command on this shard, once it is back.
func (f *flight) nearby(co *exec.Co, cmd *command.Command) error {
	if err := f.w.lending.await(co); err != nil {
		return err
	}
	f.here(cmd)
	return nil
}

// apart does a command with each key where it is.
func (f *flight) apart(co *exec.Co, cmd *command.Command, first, step int) error {
	if err := f.w.lending.await(co); err != nil {
		return err
	}
	f.open()
	args := f.ctx.Args
	g := &gather{cmd: cmd, proto: f.s.proto}
	split := make([][][]byte, len(f.parcels))
	for i := first; i < len(args); i += step {
		shard := f.w.srv.shardOf(args[i])
		if split[shard] == nil {
			split[shard] = append(split[shard], args[:first]...)
		}
		split[shard] = append(split[shard], args[i:i+step]...)
		g.order = append(g.order, shard)
	}
	g.parts = make([]slot, len(f.parcels))
	for shard, part := range split {
		if part != nil {
			g.parts[shard] = f.part(shard, cmd, part)
		}
	}
	f.ctx.Args = args
	f.slots = append(f.slots, slot{gather: g})
	return nil
}

// everywhere does a command on all shards.
func (f *flight) everywhere(co *exec.Co, cmd *command.Command) error {
	if err := f.w.lending.await(co); err != nil {
		return err
	}
	f.open()
	args := f.ctx.Args
	g := &gather{cmd: cmd, proto: f.s.proto, args: cloneArgs(cmd, args)}
	if cmd.Name == "client|kill" {
		args = f.withCaller(args)
	}
	for shard := range f.parcels {
		g.parts = append(g.parts, f.part(shard, cmd, args))
		g.order = append(g.order, shard)
	}
	f.ctx.Args = args
	f.slots = append(f.slots, slot{gather: g})
	return nil
}

// cloneArgs keeps the arguments for the gathering, where that needs them.
func cloneArgs(cmd *command.Command, args [][]byte) (kept []string) {
	if cmd.Gather == command.Own {
		for _, a := range args {
			kept = append(kept, string(a))
		}
	}
	return kept
}

// part does a part of a command on one shard.
func (f *flight) part(shard int, cmd *command.Command, args [][]byte) slot {
	if shard != f.w.id {
		p := f.parcel(shard)
		return slot{parcel: p, item: p.add(cmd, f.s.proto, args)}
	}
	from := len(f.ctx.Out)
	f.ctx.Args = args
	f.ctx.Run(cmd)
	return slot{from: from, to: len(f.ctx.Out)}
}

// scan does SCAN where its cursor says.
func (f *flight) scan(co *exec.Co, cmd *command.Command) error {
	cur, _ := command.ParseCursor(f.ctx.Args[1]) // if it is none, it is said here
	shard := command.CursorShard(cur, len(f.parcels))
	if shard == f.w.id {
		return f.nearby(co, cmd)
	}
	f.away(shard, cmd, f.ctx.Args)
	return nil
}

// scanHere is SCAN of the worker's shard.
func scanHere(c *command.Ctx) {
	w := c.Host.(*worker)
	cur, ok := command.ParseCursor(c.Args[1])
	if !ok {
		c.Out = resp.AppendError(c.Out, "ERR invalid cursor")
		return
	}
	c.Scan(cur, w.id, len(w.srv.workers))
}
