package command

import (
	"github.com/pushcore/pushcore/examples/redis/store"
)

// Keys that move with what they have.

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
