package command

import (
	"math/rand/v2"
	"slices"

	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/store"
)

// maxRandom is how many elements may be asked for at once that need not be different: the
// reply would have no other bound.
const maxRandom = 1 << 20

// pick returns count elements at random, all different; or -count that need not be if count
// is negative.
func pick[V any](d *store.Dict[V], count int64) []*store.Node[V] {
	n := int64(d.Len())
	switch {
	case count < 0:
		some := make([]*store.Node[V], -count)
		for i := range some {
			some[i] = d.Random()
		}
		return some
	case count >= n:
		return slices.Collect(d.All())
	}
	// Floyd's way to draw without putting back: count draws, whatever n is.
	some := make([]*store.Node[V], 0, count)
	drawn := make(map[int64]bool, count)
	for i := n - count; i < n; i++ {
		j := rand.Int64N(i + 1)
		if drawn[j] {
			j = i
		}
		drawn[j] = true
		some = append(some, d.At(int(j)))
	}
	return some
}

func hrandfield(c *Ctx) {
	if len(c.Args) == 2 {
		h, ok := c.hash()
		switch {
		case !ok:
		case h == nil:
			c.null()
		default:
			c.text(h.Random().Key)
		}
		return
	}
	count, ok := c.integer(c.Args[2])
	if !ok {
		return
	}
	if len(c.Args) > 4 || len(c.Args) == 4 && !is(c.Args[3], "WITHVALUES") {
		c.fail(errSyntax)
		return
	}
	if count < -maxRandom {
		c.fail(errRange)
		return
	}
	h, ok := c.hash()
	if !ok {
		return
	}
	if h == nil {
		c.array(0)
		return
	}
	c.randomFields(pick(&h.Dict, count), len(c.Args) == 4)
}

func (c *Ctx) randomFields(some []*store.Node[[]byte], withValues bool) {
	pairs := withValues && c.Proto == resp.V3
	if withValues && !pairs {
		c.array(2 * len(some))
	} else {
		c.array(len(some))
	}
	for _, n := range some {
		if pairs {
			c.array(2)
		}
		c.text(n.Key)
		if withValues {
			c.bulk(n.Value)
		}
	}
}

func srandmember(c *Ctx) {
	if len(c.Args) == 2 {
		s, ok := c.members(c.Args[1])
		switch {
		case !ok:
		case s == nil:
			c.null()
		default:
			c.text(s.Random().Key)
		}
		return
	}
	if len(c.Args) > 3 {
		c.fail(errSyntax)
		return
	}
	count, ok := c.integer(c.Args[2])
	if !ok {
		return
	}
	if count < -maxRandom {
		c.fail(errRange)
		return
	}
	s, ok := c.members(c.Args[1])
	if !ok {
		return
	}
	if s == nil {
		c.array(0)
		return
	}
	some := pick(&s.Dict, count)
	c.array(len(some))
	for _, m := range some {
		c.text(m.Key)
	}
}

func spop(c *Ctx) {
	key, many, count := c.Args[1], len(c.Args) > 2, int64(1)
	if len(c.Args) > 3 {
		c.fail(errSyntax)
		return
	}
	if many {
		var ok bool
		if count, ok = c.positive(c.Args[2]); !ok {
			return
		}
	}
	e, ok := c.typed(key, store.SetKind)
	switch {
	case !ok:
		return
	case e == nil && !many:
		c.null()
		return
	case e == nil:
		c.set(0)
		return
	}
	s := e.Value.Set()
	some := pick(&s.Dict, count)
	if many {
		c.set(len(some))
		for _, m := range some {
			c.text(m.Key)
		}
	} else {
		c.text(some[0].Key)
	}
	note := words("SREM", key)
	for _, m := range some {
		s.Remove(m)
		note = append(note, []byte(m.Key))
	}
	if len(some) > 0 {
		c.dirty += len(some)
		c.note(note...)
	}
	c.tidy(key, e)
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
