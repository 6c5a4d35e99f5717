package command

import (
	"github.com/pushcore/pushcore/examples/redis/store"
)

const (
	writes = Write | DenyOOM
	reads  = ReadOnly
)

var stringCommands = []*Command{
	{Name: "get", Arity: 2, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: get},
	{Name: "set", Arity: -3, Flags: writes, First: 1, Last: 1, Step: 1, Run: set},
	{Name: "setnx", Arity: 3, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: setnx},
	{Name: "setex", Arity: 4, Flags: writes, First: 1, Last: 1, Step: 1, Run: setex},
	{Name: "psetex", Arity: 4, Flags: writes, First: 1, Last: 1, Step: 1, Run: setex},
	{Name: "getset", Arity: 3, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: getset},
	{Name: "getdel", Arity: 2, Flags: Write | Fast, First: 1, Last: 1, Step: 1, Run: getdel},
	{Name: "getex", Arity: -2, Flags: Write | Fast, First: 1, Last: 1, Step: 1, Run: getex},
	{Name: "append", Arity: 3, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: appendTo},
	{Name: "strlen", Arity: 2, Flags: reads | Fast, First: 1, Last: 1, Step: 1, Run: strlen},
	{Name: "getrange", Arity: 4, Flags: reads, First: 1, Last: 1, Step: 1, Run: getrange},
	{Name: "substr", Arity: 4, Flags: reads, First: 1, Last: 1, Step: 1, Run: getrange},
	{Name: "setrange", Arity: 4, Flags: writes, First: 1, Last: 1, Step: 1, Run: setrange},
	{Name: "incr", Arity: 2, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.add(1) }},
	{Name: "decr", Arity: 2, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: func(c *Ctx) { c.add(-1) }},
	{Name: "incrby", Arity: 3, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: incrby},
	{Name: "decrby", Arity: 3, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: decrby},
	{Name: "incrbyfloat", Arity: 3, Flags: writes | Fast, First: 1, Last: 1, Step: 1, Run: incrbyfloat},
	{Name: "mget", Arity: -2, Flags: reads | Fast, First: 1, Last: -1, Step: 1, Gather: Values, Run: mget},
	{Name: "mset", Arity: -3, Flags: writes, First: 1, Last: -1, Step: 2, Gather: AllOK, Run: mset},
	{Name: "msetnx", Arity: -3, Flags: writes, First: 1, Last: -1, Step: 2, Run: msetnx},
}

// value replies with the string of key, or null. ok is false if it is no string.
func (c *Ctx) value(key []byte) (e *store.Entry, ok bool) {
	e, ok = c.typed(key, store.String)
	switch {
	case !ok:
	case e == nil:
		c.null()
	default:
		c.bulk(e.Value.Bytes)
	}
	return e, ok
}

// put sets a string that does not expire.
func (c *Ctx) put(key, v []byte) *store.Entry {
	db := c.db(key)
	e := db.SetString(key, v)
	db.Persist(e)
	c.dirty++
	return e
}

func get(c *Ctx) { c.value(c.Args[1]) }

func set(c *Ctx) {
	o, ok := c.options(c.Args[3:], false)
	if !ok {
		return
	}
	at, ok := c.deadline(o)
	if !ok {
		return
	}
	c.store(c.Args[1], c.Args[2], o, at)
}

// store is SET whose options were read.
func (c *Ctx) store(key, v []byte, o options, at int64) {
	var e *store.Entry
	if o.get {
		var ok bool
		if e, ok = c.value(key); !ok {
			return
		}
	} else {
		e = c.find(key)
	}
	if o.nx && e != nil || o.xx && e == nil {
		if !o.get {
			c.null()
		}
		return
	}
	db := c.db(key)
	if e != nil {
		db.Overwrite(e, v)
	} else {
		e = db.SetString(key, v)
	}
	c.dirty++
	switch {
	case o.unit != "":
		db.ExpireAt(e, at)
	case !o.keep:
		db.Persist(e)
	}
	if !o.get {
		c.ok()
	}
	if c.Log == nil {
		return
	}
	switch {
	case o.unit != "":
		c.note(words("SET", key, v, "PXAT", at)...)
	case o.keep:
		c.note(words("SET", key, v, "KEEPTTL")...)
	default:
		c.note(words("SET", key, v)...)
	}
}

func setnx(c *Ctx) {
	key := c.Args[1]
	if c.find(key) != nil {
		c.int(0)
		return
	}
	c.put(key, c.Args[2])
	c.int(1)
}

func setex(c *Ctx) {
	o := options{unit: "EX", time: c.Args[2]}
	if c.cmd.Name == "psetex" {
		o.unit = "PX"
	}
	if at, ok := c.deadline(o); ok {
		c.store(c.Args[1], c.Args[3], o, at)
	}
}

func getset(c *Ctx) {
	if _, ok := c.value(c.Args[1]); ok {
		c.put(c.Args[1], c.Args[2])
	}
}

func getdel(c *Ctx) {
	if e, ok := c.value(c.Args[1]); ok && e != nil {
		c.db(c.Args[1]).Delete(e)
		c.dirty++
	}
}

func getex(c *Ctx) {
	key := c.Args[1]
	o, ok := c.options(c.Args[2:], true)
	if !ok {
		return
	}
	e, ok := c.typed(key, store.String)
	if !ok {
		return
	}
	if e == nil {
		c.null()
		return
	}
	at, ok := c.deadline(o)
	if !ok {
		return
	}
	c.bulk(e.Value.Bytes)
	switch {
	case o.unit != "":
		c.expireAt(key, e, at)
	case o.persist && c.db(key).Persist(e):
		c.dirty++
		c.note(words("PERSIST", key)...)
	}
}
