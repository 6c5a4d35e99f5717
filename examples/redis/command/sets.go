package command

import (
	"github.com/pushcore/pushcore/examples/redis/store"
)

var setCommands = []*Command{
	{Name: "sadd", Arity: -3, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: sadd},
	{Name: "srem", Arity: -3, Flags: Write | Fast, First: 1, Last: 1, Step: 1, Run: srem},
	{Name: "sismember", Arity: 3, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: sismember},
	{Name: "smismember", Arity: -3, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: smismember},
	{Name: "smembers", Arity: 2, Flags: reads, First: 1, Last: 1, Step: 1, Run: smembers},
	{Name: "scard", Arity: 2, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: scard},
	{Name: "spop", Arity: -2, Flags: Write | Fast, First: 1, Last: 1, Step: 1, Run: spop},
	{Name: "srandmember", Arity: -2, Flags: reads, First: 1, Last: 1, Step: 1, Run: srandmember},
	{Name: "smove", Arity: 4, Flags: Write | Fast, First: 1, Last: 2, Step: 1, Run: smove},
	{Name: "sinter", Arity: -2, Flags: reads, First: 1, Last: -1, Step: 1, Run: func(c *Ctx) { c.combine(sinter, 1) }},
	{Name: "sunion", Arity: -2, Flags: reads, First: 1, Last: -1, Step: 1, Run: func(c *Ctx) { c.combine(sunion, 1) }},
	{Name: "sdiff", Arity: -2, Flags: reads, First: 1, Last: -1, Step: 1, Run: func(c *Ctx) { c.combine(sdiff, 1) }},
	{Name: "sinterstore", Arity: -3, Flags: writes, First: 1, Last: -1, Step: 1, Run: func(c *Ctx) { c.combine(sinter, 2) }},
	{Name: "sunionstore", Arity: -3, Flags: writes, First: 1, Last: -1, Step: 1, Run: func(c *Ctx) { c.combine(sunion, 2) }},
	{Name: "sdiffstore", Arity: -3, Flags: writes, First: 1, Last: -1, Step: 1, Run: func(c *Ctx) { c.combine(sdiff, 2) }},
	{Name: "sintercard", Arity: -3, Flags: reads | Movable, Run: sintercard},
	{Name: "sscan", Arity: -3, Flags: reads, First: 1, Last: 1, Step: 1, Run: sscan},
}

// member is an element of a set.
type member = *store.Node[struct{}]

// members returns the set of key, or nil. ok is false if it is something else.
func (c *Ctx) members(key []byte) (s *store.Set, ok bool) {
	e, ok := c.typed(key, store.SetKind)
	if e == nil {
		return nil, ok
	}
	return e.Value.Set(), ok
}

func sadd(c *Ctx) {
	e, ok := c.make(c.Args[1], store.SetKind)
	if !ok {
		return
	}
	n := 0
	for _, m := range c.Args[2:] {
		if e.Value.Set().Insert(m) {
			n++
		}
	}
	c.dirty += n
	c.int(int64(n))
}

func srem(c *Ctx) {
	key := c.Args[1]
	e, ok := c.typed(key, store.SetKind)
	if !ok {
		return
	}
	n := 0
	if e != nil {
		for _, m := range c.Args[2:] {
			if e.Value.Set().Discard(m) {
				n++
			}
		}
		c.dirty += n
		c.tidy(key, e)
	}
	c.int(int64(n))
}

func sismember(c *Ctx) {
	if s, ok := c.members(c.Args[1]); ok {
		c.bool(s != nil && s.Get(c.Args[2]) != nil)
	}
}

func smismember(c *Ctx) {
	s, ok := c.members(c.Args[1])
	if !ok {
		return
	}
	c.array(len(c.Args) - 2)
	for _, m := range c.Args[2:] {
		c.bool(s != nil && s.Get(m) != nil)
	}
}

func smembers(c *Ctx) {
	s, ok := c.members(c.Args[1])
	switch {
	case !ok:
	case s == nil:
		c.set(0)
	default:
		c.set(s.Len())
		for m := range s.All() {
			c.text(m.Key)
		}
	}
}

func scard(c *Ctx) {
	if s, ok := c.members(c.Args[1]); ok {
		n := 0
		if s != nil {
			n = s.Len()
		}
		c.int(int64(n))
	}
}

func smove(c *Ctx) {
	src, dst, m := c.Args[1], c.Args[2], c.Args[3]
	e, ok := c.typed(src, store.SetKind)
	if !ok {
		return
	}
	if e == nil {
		c.int(0)
		return
	}
	to, ok := c.typed(dst, store.SetKind)
	if !ok {
		return
	}
	from := e.Value.Set()
	if to == e {
		c.bool(from.Get(m) != nil)
		return
	}
	if !from.Discard(m) {
		c.int(0)
		return
	}
	to, _ = c.make(dst, store.SetKind)
	to.Value.Set().Insert(m)
	c.tidy(src, e)
	c.dirty++
	c.int(1)
}
