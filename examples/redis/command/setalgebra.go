package command

import (
	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/store"
)

// An algebra makes a set of sets, some of which may be nil: there is no key. It calls emit
// with each member once.
type algebra func(sets []*store.Set, emit func(key string) bool)

func sinter(sets []*store.Set, emit func(string) bool) {
	least := sets[0]
	for _, s := range sets {
		if s == nil {
			return
		}
		if s.Len() < least.Len() {
			least = s
		}
	}
	for m := range least.All() {
		in := true
		for _, s := range sets {
			in = in && (s == least || s.Get([]byte(m.Key)) != nil)
		}
		if in && !emit(m.Key) {
			return
		}
	}
}

func sunion(sets []*store.Set, emit func(string) bool) {
	seen := map[string]bool{}
	for _, s := range sets {
		if s == nil {
			continue
		}
		for m := range s.All() {
			if !seen[m.Key] {
				seen[m.Key] = true
				emit(m.Key)
			}
		}
	}
}

func sdiff(sets []*store.Set, emit func(string) bool) {
	if sets[0] == nil {
		return
	}
	for m := range sets[0].All() {
		out := false
		for _, s := range sets[1:] {
			out = out || s != nil && s.Get([]byte(m.Key)) != nil
		}
		if !out {
			emit(m.Key)
		}
	}
}

// sets returns the sets of keys. It replies and returns false if one is something else.
func (c *Ctx) sets(keys [][]byte) ([]*store.Set, bool) {
	sets := make([]*store.Set, len(keys))
	for i, key := range keys {
		var ok bool
		if sets[i], ok = c.members(key); !ok {
			return nil, false
		}
	}
	return sets, true
}

// combine is SINTER and its like, whose keys begin at from; with a key before them in which
// the result is to be stored.
func (c *Ctx) combine(f algebra, from int) {
	sets, ok := c.sets(c.Args[from:])
	if !ok {
		return
	}
	if from == 1 {
		var all []string
		f(sets, func(key string) bool {
			all = append(all, key)
			return true
		})
		c.set(len(all))
		for _, key := range all {
			c.text(key)
		}
		return
	}
	v := c.db(c.Args[1]).NewValue(store.SetKind)
	f(sets, func(key string) bool { return v.Set().Insert([]byte(key)) })
	dst := c.Args[1]
	switch e := c.find(dst); {
	case !v.Empty():
		c.give(dst, v, 0, false)
		c.dirty++
	case e != nil:
		c.db(dst).Delete(e)
		c.dirty++
	}
	c.int(int64(v.Set().Len()))
}

// numbered returns where the keys of SINTERCARD are.
func numbered(args [][]byte) (first, last, step int) {
	n, ok := resp.ParseInt(args[1])
	if !ok || n < 1 || n > int64(len(args)-2) {
		return 1, 0, 1
	}
	return 2, 1 + int(n), 1
}

func sintercard(c *Ctx) {
	n, ok := resp.ParseInt(c.Args[1])
	switch {
	case !ok || n < 1:
		c.fail("ERR numkeys should be greater than 0")
		return
	case n > int64(len(c.Args)-2):
		c.fail("ERR Number of keys can't be greater than number of args")
		return
	}
	keys, limit := c.Args[2:2+n], int64(0)
	for rest := c.Args[2+n:]; len(rest) > 0; rest = rest[2:] {
		if len(rest) < 2 || !is(rest[0], "LIMIT") {
			c.fail(errSyntax)
			return
		}
		if limit, ok = resp.ParseInt(rest[1]); !ok || limit < 0 {
			c.fail("ERR LIMIT can't be negative")
			return
		}
	}
	sets, ok := c.sets(keys)
	if !ok {
		return
	}
	count := int64(0)
	sinter(sets, func(string) bool {
		count++
		return count != limit
	})
	c.int(count)
}
