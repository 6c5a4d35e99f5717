package command

import (
	"github.com/pushcore/pushcore/examples/redis/store"
)

var keyCommands = []*Command{
	{Name: "del", Arity: -2, Flags: Write, First: 1, Last: -1, Step: 1, Gather: Sum, Run: del},
	{Name: "unlink", Arity: -2, Flags: Write | Fast, First: 1, Last: -1, Step: 1, Gather: Sum, Run: del},
	{Name: "exists", Arity: -2, Flags: reads | Fast, First: 1, Last: -1, Step: 1, Gather: Sum, Run: exists},
	{Name: "touch", Arity: -2, Flags: reads | Fast, First: 1, Last: -1, Step: 1, Gather: Sum, Run: exists},
	{Name: "type", Arity: 2, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: typeOf},
	{Name: "rename", Arity: 3, Flags: Write, First: 1, Last: 2, Step: 1, Run: rename},
	{Name: "renamenx", Arity: 3, Flags: Write | Fast, First: 1, Last: 2, Step: 1, Run: rename},
	{Name: "copy", Arity: -3, Flags: writes, First: 1, Last: 2, Step: 1, Run: copyKey},
	{Name: "keys", Arity: 2, Flags: reads, Shards: true, Gather: Concat, Run: keys},
	{Name: "dbsize", Arity: 1, Flags: reads | Fast, Shards: true, Gather: Sum, Run: dbsize},
	{Name: "randomkey", Arity: 1, Flags: reads, Shards: true, Gather: AnyOne, Run: randomkey},
	{Name: "flushall", Arity: -1, Flags: Write, Shards: true, Gather: AllOK, Run: flush},
	{Name: "flushdb", Arity: -1, Flags: Write, Shards: true, Gather: AllOK, Run: flush},
	{Name: "object", Arity: -2, Flags: reads, Container: true},
	{Name: "object|encoding", Arity: 3, Flags: reads, First: 2, Last: 2, Step: 1, Run: encoding},

	{Name: "expire", Arity: -3, Flags: Write | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.expire(1000, true) }},
	{Name: "pexpire", Arity: -3, Flags: Write | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.expire(1, true) }},
	{Name: "expireat", Arity: -3, Flags: Write | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.expire(1000, false) }},
	{Name: "pexpireat", Arity: -3, Flags: Write | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.expire(1, false) }},
	{Name: "ttl", Arity: 2, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.ttl(1000, true) }},
	{Name: "pttl", Arity: 2, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.ttl(1, true) }},
	{Name: "expiretime", Arity: 2, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.ttl(1000, false) }},
	{Name: "pexpiretime", Arity: 2, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.ttl(1, false) }},
	{Name: "persist", Arity: 2, Flags: Write | Fast, First: 1, Last: 1, Step: 1, Run: persist},
}

func del(c *Ctx) {
	n := 0
	for _, key := range c.Args[1:] {
		if e := c.find(key); e != nil {
			c.db(key).Delete(e)
			n++
		}
	}
	c.dirty += n
	c.int(int64(n))
}

func exists(c *Ctx) {
	n := 0
	for _, key := range c.Args[1:] {
		if c.find(key) != nil {
			n++
		}
	}
	c.int(int64(n))
}

func typeOf(c *Ctx) {
	if e := c.find(c.Args[1]); e != nil {
		c.status(e.Value.Kind.String())
	} else {
		c.status("none")
	}
}

func encoding(c *Ctx) {
	e := c.find(c.Args[2])
	if e == nil {
		c.null()
		return
	}
	switch v := &e.Value; v.Kind {
	case store.String:
		c.text(stringEncoding(v))
	case store.ListKind:
		c.text("quicklist")
	case store.HashKind:
		c.either(v.Hash().Large(), "hashtable", "listpack")
	case store.SetKind:
		c.either(v.Set().Ints(), "intset", "hashtable")
	}
}

func (c *Ctx) either(cond bool, yes, no string) {
	if cond {
		c.text(yes)
	} else {
		c.text(no)
	}
}
