package command

import (
	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/store"
)

// Strings as bytes: their length, their parts, and what is put behind or into them.

func appendTo(c *Ctx) {
	key, v := c.Args[1], c.Args[2]
	e, ok := c.typed(key, store.String)
	if !ok {
		return
	}
	if e == nil {
		c.put(key, v)
		c.int(int64(len(v)))
		return
	}
	if !c.fits(int64(len(e.Value.Bytes)), int64(len(v))) {
		return
	}
	e.Value.Bytes, e.Value.Raw = append(e.Value.Bytes, v...), true
	c.dirty++
	c.int(int64(len(e.Value.Bytes)))
}

// fits reports whether a string of a and b bytes may be. It replies if not.
func (c *Ctx) fits(a, b int64) bool {
	most := int64(c.MaxBulk)
	if most == 0 {
		most = resp.DefaultMaxBulk
	}
	if a > most || a+b > most {
		c.fail(errTooLong)
		return false
	}
	return true
}

func strlen(c *Ctx) {
	if e, ok := c.typed(c.Args[1], store.String); ok {
		n := 0
		if e != nil {
			n = len(e.Value.Bytes)
		}
		c.int(int64(n))
	}
}

func getrange(c *Ctx) {
	from, ok := c.integer(c.Args[2])
	if !ok {
		return
	}
	to, ok := c.integer(c.Args[3])
	if !ok {
		return
	}
	e, ok := c.typed(c.Args[1], store.String)
	if !ok {
		return
	}
	if e == nil || from < 0 && to < 0 && from > to {
		c.text("")
		return
	}
	b := e.Value.Bytes
	n := int64(len(b))
	if from < 0 {
		from = max(from+n, 0)
	}
	if to < 0 {
		to = max(to+n, 0)
	}
	to = min(to, n-1)
	if from > to || n == 0 {
		c.text("")
		return
	}
	c.bulk(b[from : to+1])
}

func setrange(c *Ctx) {
	key, v := c.Args[1], c.Args[3]
	at, ok := c.integer(c.Args[2])
	if !ok {
		return
	}
	if at < 0 {
		c.fail(errOffset)
		return
	}
	e, ok := c.typed(key, store.String)
	if !ok {
		return
	}
	if len(v) == 0 {
		n := 0
		if e != nil {
			n = len(e.Value.Bytes)
		}
		c.int(int64(n))
		return
	}
	if !c.fits(at, int64(len(v))) {
		return
	}
	if e == nil {
		e = c.put(key, nil)
	}
	b := e.Value.Bytes
	if need := int(at) + len(v); need > len(b) {
		b = append(b, make([]byte, need-len(b))...)
	}
	copy(b[at:], v)
	e.Value.Bytes, e.Value.Raw = b, true
	c.dirty++
	c.int(int64(len(b)))
}
