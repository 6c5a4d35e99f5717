package command

import (
	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/store"
)

// Ctx is what a command is executed with. It is used again for the next one.
type Ctx struct {
	Args  [][]byte // the name first; valid during the command
	Proto int      // resp.V2 or resp.V3, of the reply
	Out   []byte   // where the reply is appended

	// DBs are the keyspaces of the shards, by their numbers. A command is executed only where
	// those of all its keys are there. If there is one, all keys are in it.
	DBs   []*store.DB
	Shard func(key []byte) int // which of DBs has a key; nil: there is one shard
	Host  any                  // for commands of the server's own

	// Clock is the time in milliseconds since 1970. It is read once per Ctx.Begin, at most.
	Clock   func() int64
	Loading bool // the log is being read: nothing expires
	Log     *Log // where writes are noted, or nil
	MaxBulk int  // the longest string that a command may make

	cmd    *Command
	now    int64
	dirty  int
	logged bool // the command has noted itself, in words that mean the same whenever they are read
}

// Log is what is to be appended to the append-only file.
type Log struct{ Buf []byte }

// Begin forgets the time.
func (c *Ctx) Begin() { c.now = 0 }

// Run executes a command whose arity was checked.
func (c *Ctx) Run(cmd *Command) {
	c.cmd, c.dirty, c.logged = cmd, 0, false
	cmd.Run(c)
	if c.dirty > 0 && !c.logged && c.Log != nil {
		c.Log.Buf = appendArgs(c.Log.Buf, c.Args)
	}
}

// Dirty returns how many changes the last command has made.
func (c *Ctx) Dirty() int { return c.dirty }

// Now returns the time, which is the same until the next Begin.
func (c *Ctx) Now() int64 {
	if c.now == 0 {
		c.now = c.Clock()
	}
	return c.now
}

// db returns the keyspace that key is in.
func (c *Ctx) db(key []byte) *store.DB {
	if len(c.DBs) == 1 {
		return c.DBs[0]
	}
	return c.DBs[c.Shard(key)]
}

// find returns the entry of key, or nil. One that has expired is removed.
func (c *Ctx) find(key []byte) *store.Entry {
	db := c.db(key)
	e := db.Get(key)
	if e != nil && c.expired(db, e) {
		return nil
	}
	return e
}

func (c *Ctx) expired(db *store.DB, e *store.Entry) bool {
	if _, ok := db.Deadline(e); !ok || c.Loading || !db.Expired(e, c.Now()) {
		return false
	}
	c.Expire(db, e)
	return true
}

// Expire removes an entry that has expired, and notes it.
func (c *Ctx) Expire(db *store.DB, e *store.Entry) {
	if c.Log != nil {
		c.Log.Buf = appendArgs(c.Log.Buf, []string{"DEL", e.Key})
	}
	db.Delete(e)
}

// typed is find of an entry of a kind. It replies and returns false if it is of another one.
func (c *Ctx) typed(key []byte, k store.Kind) (e *store.Entry, ok bool) {
	e = c.find(key)
	if e != nil && e.Value.Kind != k {
		c.fail(errWrongType)
		return nil, false
	}
	return e, true
}

// make is typed, but adds an empty value where there is none.
func (c *Ctx) make(key []byte, k store.Kind) (e *store.Entry, ok bool) {
	e, ok = c.typed(key, k)
	if ok && e == nil {
		e = c.db(key).Put(key, store.NewValue(k))
	}
	return e, ok
}

// tidy removes the key of a collection that has become empty.
func (c *Ctx) tidy(key []byte, e *store.Entry) {
	if e.Value.Empty() {
		c.db(key).Delete(e)
	}
}

// note notes a command in the place of the one that is executed, which must not be noted as
// it is: what it does depends on the time, on chance, or on what there was.
func (c *Ctx) note(args ...[]byte) {
	c.logged = true
	if c.Log != nil {
		c.Log.Buf = appendArgs(c.Log.Buf, args)
	}
}

func appendArgs[S []byte | string](b []byte, args []S) []byte {
	b = resp.AppendArray(b, len(args))
	for _, a := range args {
		b = resp.AppendBulk(b, a)
	}
	return b
}

// Replies.

func (c *Ctx) ok()             { c.Out = append(c.Out, resp.OK...) }
func (c *Ctx) int(n int64)     { c.Out = resp.AppendInt(c.Out, n) }
func (c *Ctx) bulk(b []byte)   { c.Out = resp.AppendBulk(c.Out, b) }
func (c *Ctx) text(s string)   { c.Out = resp.AppendBulk(c.Out, s) }
func (c *Ctx) status(s string) { c.Out = resp.AppendSimple(c.Out, s) }
func (c *Ctx) null()           { c.Out = resp.AppendNull(c.Out, c.Proto) }
func (c *Ctx) nullArray()      { c.Out = resp.AppendNullArray(c.Out, c.Proto) }
func (c *Ctx) array(n int)     { c.Out = resp.AppendArray(c.Out, n) }
func (c *Ctx) mapOf(n int)     { c.Out = resp.AppendMap(c.Out, c.Proto, n) }
func (c *Ctx) set(n int)       { c.Out = resp.AppendSet(c.Out, c.Proto, n) }
func (c *Ctx) fail(msg string) { c.Out = resp.AppendError(c.Out, msg) }
func (c *Ctx) bool(yes bool) {
	if yes {
		c.int(1)
	} else {
		c.int(0)
	}
}
