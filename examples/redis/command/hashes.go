package command

import (
	"github.com/pushcore/pushcore/examples/redis/store"
)

var hashCommands = []*Command{
	{Name: "hset", Arity: -4, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: hset},
	{Name: "hmset", Arity: -4, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: hset},
	{Name: "hsetnx", Arity: 4, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: hsetnx},
	{Name: "hget", Arity: 3, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: hget},
	{Name: "hmget", Arity: -3, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: hmget},
	{Name: "hgetall", Arity: 2, Flags: reads, First: 1, Last: 1, Step: 1, Run: hgetall},
	{Name: "hkeys", Arity: 2, Flags: reads, First: 1, Last: 1, Step: 1, Run: hkeys},
	{Name: "hvals", Arity: 2, Flags: reads, First: 1, Last: 1, Step: 1, Run: hvals},
	{Name: "hdel", Arity: -3, Flags: Write | Fast, First: 1, Last: 1, Step: 1, Run: hdel},
	{Name: "hlen", Arity: 2, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: hlen},
	{Name: "hexists", Arity: 3, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: hexists},
	{Name: "hstrlen", Arity: 3, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: hstrlen},
	{Name: "hincrby", Arity: 4, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: hincrby},
	{Name: "hincrbyfloat", Arity: 4, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: hincrbyfloat},
	{Name: "hrandfield", Arity: -2, Flags: reads, First: 1, Last: 1, Step: 1, Run: hrandfield},
	{Name: "hscan", Arity: -3, Flags: reads, First: 1, Last: 1, Step: 1, Run: hscan},
}

// hash returns the hash of the key, or nil. ok is false if it is something else.
func (c *Ctx) hash() (h *store.Hash, ok bool) {
	e, ok := c.typed(c.Args[1], store.HashKind)
	if e == nil {
		return nil, ok
	}
	return e.Value.Hash(), ok
}

// field returns the value of the field that is the second argument. ok is false if the key
// is no hash.
func (c *Ctx) field() (v []byte, there, ok bool) {
	h, ok := c.hash()
	if h == nil {
		return nil, false, ok
	}
	n := h.Get(c.Args[2])
	if n == nil {
		return nil, false, true
	}
	return n.Value, true, true
}

func hset(c *Ctx) {
	if len(c.Args)%2 == 1 {
		c.fail(ErrArity(c.cmd.Name))
		return
	}
	e, ok := c.make(c.Args[1], store.HashKind)
	if !ok {
		return
	}
	added := 0
	for i := 2; i < len(c.Args); i += 2 {
		if e.Value.Hash().Put(c.Args[i], c.Args[i+1]) {
			added++
		}
		c.dirty++
	}
	if c.cmd.Name == "hmset" {
		c.ok()
	} else {
		c.int(int64(added))
	}
}

func hsetnx(c *Ctx) {
	_, there, ok := c.field()
	if !ok {
		return
	}
	if !there {
		e, _ := c.make(c.Args[1], store.HashKind)
		e.Value.Hash().Put(c.Args[2], c.Args[3])
		c.dirty++
	}
	c.bool(!there)
}

func hget(c *Ctx) {
	v, there, ok := c.field()
	switch {
	case !ok:
	case there:
		c.bulk(v)
	default:
		c.null()
	}
}

func hmget(c *Ctx) {
	h, ok := c.hash()
	if !ok {
		return
	}
	c.array(len(c.Args) - 2)
	for _, field := range c.Args[2:] {
		if h == nil {
			c.null()
		} else if n := h.Get(field); n != nil {
			c.bulk(n.Value)
		} else {
			c.null()
		}
	}
}

// noFields is what a key has that there is not. Nobody changes it.
var noFields store.Hash

// fields is hash, but returns an empty one in the place of nil.
func (c *Ctx) fields() (h *store.Hash, ok bool) {
	if h, ok = c.hash(); h == nil {
		h = &noFields
	}
	return h, ok
}

func hgetall(c *Ctx) {
	if h, ok := c.fields(); ok {
		c.mapOf(h.Len())
		for n := range h.All() {
			c.text(n.Key)
			c.bulk(n.Value)
		}
	}
}

func hkeys(c *Ctx) {
	if h, ok := c.fields(); ok {
		c.array(h.Len())
		for n := range h.All() {
			c.text(n.Key)
		}
	}
}

func hvals(c *Ctx) {
	if h, ok := c.fields(); ok {
		c.array(h.Len())
		for n := range h.All() {
			c.bulk(n.Value)
		}
	}
}

func hdel(c *Ctx) {
	key := c.Args[1]
	e, ok := c.typed(key, store.HashKind)
	if !ok {
		return
	}
	n := 0
	if e != nil {
		h := e.Value.Hash()
		for _, field := range c.Args[2:] {
			if f := h.Get(field); f != nil {
				h.Remove(f)
				n++
			}
		}
		c.dirty += n
		c.tidy(key, e)
	}
	c.int(int64(n))
}

func hlen(c *Ctx) {
	if h, ok := c.fields(); ok {
		c.int(int64(h.Len()))
	}
}

func hexists(c *Ctx) {
	if _, there, ok := c.field(); ok {
		c.bool(there)
	}
}

func hstrlen(c *Ctx) {
	if v, _, ok := c.field(); ok {
		c.int(int64(len(v)))
	}
}
