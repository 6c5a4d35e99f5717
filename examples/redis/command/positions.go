package command

import (
	"bytes"
	"math"

	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/store"
)

var positionCommands = []*Command{
	{Name: "lpos", Arity: -3, Flags: reads, First: 1, Last: 1, Step: 1, Run: lpos},
	{Name: "lmpop", Arity: -4, Flags: Write | Movable, Run: lmpop},
}

// search is what LPOS is asked for.
type search struct {
	rank, count, most int64
	many              bool // COUNT was given: the reply is an array
}

// search reads the options of LPOS. It replies and returns false if they make no sense.
func (c *Ctx) search(args [][]byte) (o search, ok bool) {
	o = search{rank: 1, count: 1}
	for ; len(args) > 0; args = args[2:] {
		switch {
		case len(args) == 1:
			c.fail(errSyntax)
			return o, false
		case is(args[0], "RANK"):
			if o.rank, ok = c.integer(args[1]); !ok {
				return o, false
			}
			if o.rank == 0 {
				c.fail("ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list")
				return o, false
			}
		case is(args[0], "COUNT"):
			if o.count, ok = resp.ParseInt(args[1]); !ok || o.count < 0 {
				c.fail("ERR COUNT can't be negative")
				return o, false
			}
			o.many = true
		case is(args[0], "MAXLEN"):
			if o.most, ok = resp.ParseInt(args[1]); !ok || o.most < 0 {
				c.fail("ERR MAXLEN can't be negative")
				return o, false
			}
		default:
			c.fail(errSyntax)
			return o, false
		}
	}
	return o, true
}

func lpos(c *Ctx) {
	o, ok := c.search(c.Args[3:])
	if !ok {
		return
	}
	e, ok := c.typed(c.Args[1], store.ListKind)
	if !ok {
		return
	}
	var found []int64
	if e != nil {
		found = o.in(e.Value.List(), c.Args[2])
	}
	switch {
	case o.many:
		c.array(len(found))
		for _, i := range found {
			c.int(i)
		}
	case len(found) > 0:
		c.int(found[0])
	default:
		c.null()
	}
}

// in returns the places of v in l, from the end on if the rank is negative.
func (o search) in(l *store.List, v []byte) (found []int64) {
	skip := max(o.rank, -o.rank) - 1
	if o.rank == math.MinInt64 {
		skip = 0 // -rank is rank, in Redis too
	}
	for i := range l.Len() {
		if o.most > 0 && int64(i) >= o.most {
			break
		}
		if o.rank < 0 {
			i = l.Len() - 1 - i
		}
		if !bytes.Equal(l.At(i), v) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if found = append(found, int64(i)); int64(len(found)) == o.count {
			break
		}
	}
	return found
}

// lmpop pops from the first of some lists that there is.
func lmpop(c *Ctx) {
	n, ok := resp.ParseInt(c.Args[1])
	switch {
	case !ok || n < 1:
		c.fail("ERR numkeys should be greater than 0")
		return
	case n > int64(len(c.Args)-3):
		c.fail(errSyntax)
		return
	}
	keys, end, rest, count := c.Args[2:2+n], c.Args[2+n], c.Args[3+n:], int64(1)
	front := is(end, "LEFT")
	if !front && !is(end, "RIGHT") {
		c.fail(errSyntax)
		return
	}
	for given := false; len(rest) > 0; rest = rest[2:] {
		if len(rest) < 2 || given || !is(rest[0], "COUNT") {
			c.fail(errSyntax)
			return
		}
		if count, ok = resp.ParseInt(rest[1]); !ok || count < 1 {
			c.fail("ERR count should be greater than 0")
			return
		}
		given = true
	}
	for _, key := range keys {
		e, ok := c.typed(key, store.ListKind)
		if !ok {
			return
		}
		if e == nil {
			continue
		}
		l := e.Value.List()
		count = min(count, int64(l.Len()))
		c.array(2)
		c.bulk(key)
		c.array(int(count))
		for range count {
			c.bulk(popEnd(l, front))
		}
		c.dirty += int(count)
		word := "RPOP"
		if front {
			word = "LPOP"
		}
		c.note(words(word, key, count)...)
		c.tidy(key, e)
		return
	}
	c.nullArray()
}
