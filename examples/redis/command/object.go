package command

import (
	"math"

	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/store"
)

var objectCommands = []*Command{
	{Name: "object|refcount", Arity: 3, Flags: reads, First: 2, Last: 2, Step: 1, Run: refcount},
	{Name: "object|freq", Arity: 3, Flags: reads, First: 2, Last: 2, Step: 1, Run: freq},
	{Name: "memory", Arity: -2, Flags: reads, Container: true},
	{Name: "memory|usage", Arity: -3, Flags: reads, First: 2, Last: 2, Step: 1, Run: memoryUsage},
}

// sharedInts is how many small integers Redis has one object each of, for all keys.
const sharedInts = 10000

func refcount(c *Ctx) {
	e := c.find(c.Args[2])
	if e == nil {
		c.null()
		return
	}
	if n, ok := resp.ParseInt(e.Value.Bytes); ok && e.Value.Kind == store.String && !e.Value.Raw && n >= 0 && n < sharedInts {
		c.int(math.MaxInt32)
		return
	}
	c.int(1)
}

func freq(c *Ctx) {
	if c.find(c.Args[2]) == nil {
		c.null()
		return
	}
	c.fail("ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.")
}

// About how many bytes an entry, an element of a map and one of a list take besides what is
// in them.
const (
	entryBytes   = 128
	nodeBytes    = 88
	elementBytes = 32
)

// memoryUsage estimates: the memory is the garbage collector's. All elements are looked at
// unless SAMPLES says how many.
func memoryUsage(c *Ctx) {
	samples := int64(5)
	for rest := c.Args[3:]; len(rest) > 0; rest = rest[2:] {
		if len(rest) < 2 || !is(rest[0], "SAMPLES") {
			c.fail(errSyntax)
			return
		}
		var ok bool
		if samples, ok = c.integer(rest[1]); !ok {
			return
		}
		if samples < 0 {
			c.fail(errSyntax)
			return
		}
	}
	e := c.find(c.Args[2])
	if e == nil {
		c.null()
		return
	}
	total := int64(entryBytes + len(e.Key))
	switch v := &e.Value; v.Kind {
	case store.String:
		total += int64(cap(v.Bytes))
	case store.ListKind:
		l := v.List()
		total += estimate(l.Len(), samples, func(i int) int { return elementBytes + len(l.At(i)) })
	case store.HashKind:
		h := v.Hash()
		total += estimate(h.Len(), samples, func(i int) int { return nodeBytes + len(h.At(i).Key) + cap(h.At(i).Value) })
	case store.SetKind:
		m := v.Set()
		total += estimate(m.Len(), samples, func(i int) int { return nodeBytes + len(m.At(i).Key) })
	}
	c.int(total)
}

// estimate is what n elements take, as the first of them say.
func estimate(n int, samples int64, size func(i int) int) int64 {
	if samples == 0 || samples > int64(n) {
		samples = int64(n)
	}
	sum := int64(0)
	for i := range int(samples) {
		sum += int64(size(i))
	}
	if samples == 0 {
		return 0
	}
	return sum * int64(n) / samples
}
