package command

import (
	"math/rand/v2"

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

// rename is RENAME and RENAMENX.
func rename(c *Ctx) {
	from, to, nx := c.Args[1], c.Args[2], c.cmd.Name == "renamenx"
	e := c.find(from)
	if e == nil {
		c.fail(errNoKey)
		return
	}
	old := c.find(to)
	switch {
	case nx && old != nil:
		c.int(0)
		return
	case e == old:
		c.ok()
		return
	}
	v, at, expires := c.take(from, e)
	c.give(to, v, at, expires)
	c.dirty++
	if nx {
		c.int(1)
	} else {
		c.ok()
	}
}

// take removes a key and returns what it had.
func (c *Ctx) take(key []byte, e *store.Entry) (v store.Value, at int64, expires bool) {
	db := c.db(key)
	at, expires = db.Deadline(e)
	db.Delete(e)
	return e.Value, at, expires
}

// give sets a key to a value, and when it expires.
func (c *Ctx) give(key []byte, v store.Value, at int64, expires bool) {
	db := c.db(key)
	e := db.Put(key, v)
	if expires {
		db.ExpireAt(e, at)
	} else {
		db.Persist(e)
	}
}

func copyKey(c *Ctx) {
	replace := false
	for i := 3; i < len(c.Args); i++ {
		switch {
		case is(c.Args[i], "REPLACE"):
			replace = true
		case is(c.Args[i], "DB") && i+1 < len(c.Args):
			i++
			n, ok := c.integer(c.Args[i])
			if !ok {
				return
			}
			if n != 0 {
				c.fail(errDB)
				return
			}
		default:
			c.fail(errSyntax)
			return
		}
	}
	from, to := c.Args[1], c.Args[2]
	if string(from) == string(to) {
		c.fail(errSameObject)
		return
	}
	e := c.find(from)
	if e == nil || c.find(to) != nil && !replace {
		c.int(0)
		return
	}
	at, expires := c.db(from).Deadline(e)
	c.give(to, e.Value.Clone(), at, expires)
	c.dirty++
	c.int(1)
}

// each calls f with the entries of all keyspaces, and removes those that have expired.
func (c *Ctx) each(f func(e *store.Entry)) {
	for _, db := range c.DBs {
		if db == nil {
			continue
		}
		all := db.Keys()
		for i := len(all) - 1; i >= 0; i-- { // downwards: see Dict.Scan
			if e := all[i]; !c.expired(db, e) {
				f(e)
			}
		}
	}
}

func keys(c *Ctx) {
	pattern := c.Args[1]
	every := len(pattern) == 1 && pattern[0] == '*'
	var found []string
	c.each(func(e *store.Entry) {
		if every || Match(pattern, e.Key, false) {
			found = append(found, e.Key)
		}
	})
	c.array(len(found))
	for _, key := range found {
		c.text(key)
	}
}

func dbsize(c *Ctx) {
	n := 0
	for _, db := range c.DBs {
		n += db.Len()
	}
	c.int(int64(n))
}

// maxTries is how often RANDOMKEY takes a key that has expired.
const maxTries = 100

func randomkey(c *Ctx) {
	db := c.DBs[rand.IntN(len(c.DBs))]
	for range maxTries {
		e := db.Random()
		if e == nil {
			break
		}
		if !c.expired(db, e) {
			c.text(e.Key)
			return
		}
	}
	c.null()
}

func flush(c *Ctx) {
	if len(c.Args) > 2 || len(c.Args) == 2 && !is(c.Args[1], "ASYNC") && !is(c.Args[1], "SYNC") {
		c.fail(errSyntax)
		return
	}
	if c.Shard == nil {
		c.dirty++
	}
	for _, db := range c.DBs {
		if c.Log != nil && c.Shard != nil {
			c.dropAll(db)
		}
		db.Flush()
	}
	c.ok()
}

// dropAll notes that the keys of one shard are gone. The log of all shards is one, in which
// FLUSHALL would delete what another shard has not flushed yet, or has got since.
func (c *Ctx) dropAll(db *store.DB) {
	const some = 1024
	args := []string{"DEL"}
	for _, e := range db.Keys() {
		if args = append(args, e.Key); len(args) == some {
			c.Log.Buf = appendArgs(c.Log.Buf, args)
			args = args[:1]
		}
	}
	if len(args) > 1 {
		c.Log.Buf = appendArgs(c.Log.Buf, args)
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
