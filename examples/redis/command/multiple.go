package command

import (
	"github.com/pushcore/pushcore/examples/redis/store"
)

// Strings of several keys.

func mget(c *Ctx) {
	c.array(len(c.Args) - 1)
	for _, key := range c.Args[1:] {
		if e := c.find(key); e != nil && e.Value.Kind == store.String {
			c.bulk(e.Value.Bytes)
		} else {
			c.null()
		}
	}
}

func mset(c *Ctx) {
	if len(c.Args)%2 == 0 {
		c.fail(ErrArity(c.cmd.Name))
		return
	}
	for i := 1; i < len(c.Args); i += 2 {
		c.find(c.Args[i]) // it is noted if the old one has expired
		c.put(c.Args[i], c.Args[i+1])
	}
	c.ok()
}

func msetnx(c *Ctx) {
	if len(c.Args)%2 == 0 {
		c.fail(ErrArity(c.cmd.Name))
		return
	}
	for i := 1; i < len(c.Args); i += 2 {
		if c.find(c.Args[i]) != nil {
			c.int(0)
			return
		}
	}
	for i := 1; i < len(c.Args); i += 2 {
		c.put(c.Args[i], c.Args[i+1])
	}
	c.int(1)
}
