package command

import (
	"bytes"
	"math"

	"github.com/pushcore/pushcore/examples/redis/store"
)

// Lists by places: an index counts from the front, a negative one from the back.

// bounds reads a range of which each end may count from the back. It replies and returns
// false if they are no numbers.
func (c *Ctx) bounds(a, b []byte) (from, to int64, ok bool) {
	if from, ok = c.integer(a); ok {
		to, ok = c.integer(b)
	}
	return
}

// within makes a range one of a list of n. An empty one is from 0 to -1.
func within(from, to, n int64) (int64, int64) {
	if from < 0 {
		from = max(from+n, 0)
	}
	if to < 0 {
		to = max(to+n, -1)
	}
	if to = min(to, n-1); from > to {
		return 0, -1
	}
	return from, to
}

func lrange(c *Ctx) {
	from, to, ok := c.bounds(c.Args[2], c.Args[3])
	if !ok {
		return
	}
	e, ok := c.typed(c.Args[1], store.ListKind)
	if !ok {
		return
	}
	if e == nil {
		c.array(0)
		return
	}
	l := e.Value.List()
	from, to = within(from, to, int64(l.Len()))
	c.array(int(to - from + 1))
	for i := from; i <= to; i++ {
		c.bulk(l.At(int(i)))
	}
}

// element finds the place of an index, which may count from the back.
func element(l *store.List, i int64) (int, bool) {
	if i < 0 {
		i += int64(l.Len())
	}
	return int(i), i >= 0 && i < int64(l.Len())
}

func lindex(c *Ctx) {
	e, ok := c.typed(c.Args[1], store.ListKind)
	if !ok {
		return
	}
	if e == nil {
		c.null()
		return
	}
	i, ok := c.integer(c.Args[2])
	if !ok {
		return
	}
	if at, ok := element(e.Value.List(), i); ok {
		c.bulk(e.Value.List().At(at))
	} else {
		c.null()
	}
}

func lset(c *Ctx) {
	e, ok := c.typed(c.Args[1], store.ListKind)
	if !ok {
		return
	}
	if e == nil {
		c.fail(errNoKey)
		return
	}
	i, ok := c.integer(c.Args[2])
	if !ok {
		return
	}
	at, ok := element(e.Value.List(), i)
	if !ok {
		c.fail(errIndex)
		return
	}
	e.Value.List().Set(at, c.Args[3])
	c.dirty++
	c.ok()
}

func lrem(c *Ctx) {
	count, ok := c.integer(c.Args[2])
	if !ok {
		return
	}
	key, v := c.Args[1], c.Args[3]
	e, ok := c.typed(key, store.ListKind)
	if !ok {
		return
	}
	if e == nil {
		c.int(0)
		return
	}
	left := uint64(math.MaxUint64)
	switch {
	case count > 0:
		left = uint64(count)
	case count < 0:
		left = -uint64(count)
	}
	n := e.Value.List().Keep(count < 0, func(have []byte) bool {
		if left == 0 || !bytes.Equal(have, v) {
			return true
		}
		left--
		return false
	})
	c.dirty += n
	c.tidy(key, e)
	c.int(int64(n))
}

func ltrim(c *Ctx) {
	from, to, ok := c.bounds(c.Args[2], c.Args[3])
	if !ok {
		return
	}
	key := c.Args[1]
	e, ok := c.typed(key, store.ListKind)
	if !ok {
		return
	}
	if e != nil {
		l := e.Value.List()
		from, to = within(from, to, int64(l.Len()))
		l.Trim(int(from), int(to))
		c.dirty++
		c.tidy(key, e)
	}
	c.ok()
}

func linsert(c *Ctx) {
	after := is(c.Args[2], "AFTER")
	if !after && !is(c.Args[2], "BEFORE") {
		c.fail(errSyntax)
		return
	}
	e, ok := c.typed(c.Args[1], store.ListKind)
	if !ok {
		return
	}
	if e == nil {
		c.int(0)
		return
	}
	l := e.Value.List()
	for i := range l.Len() {
		if !bytes.Equal(l.At(i), c.Args[3]) {
			continue
		}
		if after {
			i++
		}
		l.Insert(i, c.Args[4])
		c.dirty++
		c.int(int64(l.Len()))
		return
	}
	c.int(-1)
}
