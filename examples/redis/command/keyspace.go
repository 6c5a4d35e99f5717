package command

import (
	"github.com/pushcore/pushcore/examples/redis/store"
)

// What is about all keys.

// each calls f with the entries of all keyspaces, and removes those that have expired.
func (c *Ctx) each(f func(e *store.Entry)) {
	for _, db := range c.DBs {
		if db == nil {
			continue
		}
		db.Scan(store.End, store.End, func(e *store.Entry) {
			if !c.expired(db, e) {
				f(e)
			}
		})
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
	for e := range db.All() {
		if args = append(args, e.Key); len(args) == some {
			c.Log.Buf = appendArgs(c.Log.Buf, args)
			args = args[:1]
		}
	}
	if len(args) > 1 {
		c.Log.Buf = appendArgs(c.Log.Buf, args)
	}
}
