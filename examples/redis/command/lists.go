package command

import (
	"github.com/pushcore/pushcore/examples/redis/store"
)

var listCommands = []*Command{
	{Name: "lpush", Arity: -3, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.push(true, false) }},
	{Name: "rpush", Arity: -3, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.push(false, false) }},
	{Name: "lpushx", Arity: -3, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.push(true, true) }},
	{Name: "rpushx", Arity: -3, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.push(false, true) }},
	{Name: "lpop", Arity: -2, Flags: Write | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.pop(true) }},
	{Name: "rpop", Arity: -2, Flags: Write | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.pop(false) }},
	{Name: "llen", Arity: 2, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: llen},
	{Name: "lrange", Arity: 4, Flags: reads, First: 1, Last: 1, Step: 1, Run: lrange},
	{Name: "lindex", Arity: 3, Flags: reads, First: 1, Last: 1, Step: 1, Run: lindex},
	{Name: "lset", Arity: 4, Flags: writes, First: 1, Last: 1, Step: 1, Run: lset},
	{Name: "lrem", Arity: 4, Flags: Write, First: 1, Last: 1, Step: 1, Run: lrem},
	{Name: "ltrim", Arity: 4, Flags: Write, First: 1, Last: 1, Step: 1, Run: ltrim},
	{Name: "linsert", Arity: 5, Flags: writes, First: 1, Last: 1, Step: 1, Run: linsert},
	{Name: "rpoplpush", Arity: 3, Flags: writes, First: 1, Last: 2, Step: 1, Run: func(c *Ctx) { c.move(false, true) }},
	{Name: "lmove", Arity: 5, Flags: writes, First: 1, Last: 2, Step: 1, Run: lmove},
}

func (c *Ctx) push(front, ifThere bool) {
	key := c.Args[1]
	e, ok := c.typed(key, store.ListKind)
	if !ok {
		return
	}
	if e == nil {
		if ifThere {
			c.int(0)
			return
		}
		e = c.db(key).Put(key, store.NewValue(store.ListKind))
	}
	l := e.Value.List()
	for _, v := range c.Args[2:] {
		pushEnd(l, front, v)
	}
	c.dirty += len(c.Args) - 2
	c.int(int64(l.Len()))
}

func pushEnd(l *store.List, front bool, v []byte) {
	if front {
		l.PushFront(v)
	} else {
		l.PushBack(v)
	}
}

func popEnd(l *store.List, front bool) []byte {
	if front {
		return l.PopFront()
	}
	return l.PopBack()
}

func (c *Ctx) pop(front bool) {
	if len(c.Args) > 3 {
		c.fail(ErrArity(c.cmd.Name))
		return
	}
	count, many := int64(1), len(c.Args) == 3
	if many {
		var ok bool
		if count, ok = c.positive(c.Args[2]); !ok {
			return
		}
	}
	key := c.Args[1]
	e, ok := c.typed(key, store.ListKind)
	if !ok {
		return
	}
	if e == nil {
		if many {
			c.nullArray()
		} else {
			c.null()
		}
		return
	}
	l := e.Value.List()
	count = min(count, int64(l.Len()))
	if many {
		c.array(int(count))
	}
	for range count {
		c.bulk(popEnd(l, front))
	}
	c.dirty += int(count)
	c.tidy(key, e)
}

func llen(c *Ctx) {
	if e, ok := c.typed(c.Args[1], store.ListKind); ok {
		n := 0
		if e != nil {
			n = e.Value.List().Len()
		}
		c.int(int64(n))
	}
}

// move is RPOPLPUSH and LMOVE.
func (c *Ctx) move(fromFront, toFront bool) {
	src, dst := c.Args[1], c.Args[2]
	e, ok := c.typed(src, store.ListKind)
	if !ok {
		return
	}
	if e == nil {
		c.null()
		return
	}
	to, ok := c.make(dst, store.ListKind)
	if !ok {
		return
	}
	v := popEnd(e.Value.List(), fromFront)
	pushEnd(to.Value.List(), toFront, v)
	c.dirty++
	c.tidy(src, e)
	c.bulk(v)
}

func lmove(c *Ctx) {
	fromFront, toFront := is(c.Args[3], "LEFT"), is(c.Args[4], "LEFT")
	if !fromFront && !is(c.Args[3], "RIGHT") || !toFront && !is(c.Args[4], "RIGHT") {
		c.fail(errSyntax)
		return
	}
	c.move(fromFront, toFront)
}
