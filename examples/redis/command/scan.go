package command

import (
	"slices"
	"strconv"

	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/store"
)

// The cursor of SCAN names a shard and a place in it: place * shards + shard. A place is never
// 0 in the middle, so neither is a cursor.

// ParseCursor reads a cursor.
func ParseCursor(arg []byte) (uint64, bool) {
	cur, err := strconv.ParseUint(string(arg), 10, 64)
	return cur, err == nil
}

// CursorShard returns which of n shards a cursor is about.
func CursorShard(cur uint64, n int) int { return int(cur % uint64(n)) }

// scanning are the options of SCAN and its like.
type scanning struct {
	count   int
	pattern []byte
	kind    []byte // of the value, or nil
}

// defaultCount is how many elements a SCAN looks at.
const defaultCount = 10

func (c *Ctx) scanning(args [][]byte, ofKeys bool) (o scanning, ok bool) {
	o.count = defaultCount
	for i := 0; i < len(args); i += 2 {
		more := i+1 < len(args)
		switch {
		case is(args[i], "COUNT") && more:
			n, ok := c.integer(args[i+1])
			if !ok {
				return o, false
			}
			if n < 1 {
				c.fail(errSyntax)
				return o, false
			}
			o.count = int(min(n, 1<<30))
		case is(args[i], "MATCH") && more:
			o.pattern = args[i+1]
		case is(args[i], "TYPE") && more && ofKeys:
			o.kind = args[i+1]
		default:
			c.fail(errSyntax)
			return o, false
		}
	}
	return o, true
}

// place is where a scan goes on: from is what the cursor says.
func place(from uint64) int {
	if from == 0 || from > store.End {
		return store.End
	}
	return int(from)
}

// Scan is SCAN of a shard, of n. It is executed where DBs has that one only.
func (c *Ctx) Scan(cur uint64, shard, n int) {
	o, ok := c.scanning(c.Args[2:], true)
	if !ok {
		return
	}
	db := c.DBs[0]
	var keys []string
	next := db.Scan(place(cur/uint64(n)), o.count, func(e *store.Entry) {
		if c.expired(db, e) || o.pattern != nil && !Match(o.pattern, e.Key, false) || o.kind != nil && !isFolded(o.kind, e.Value.Kind.String()) {
			return
		}
		keys = append(keys, e.Key)
	})
	switch {
	case next > 0:
		cur = uint64(next)*uint64(n) + uint64(shard)
	case shard+1 < n:
		cur = store.End*uint64(n) + uint64(shard) + 1
	default:
		cur = 0
	}
	c.scanned(cur, len(keys))
	for _, key := range keys {
		c.text(key)
	}
}

func isFolded(arg []byte, word string) bool { return Match(arg, word, true) }

// scanned replies with the cursor and the beginning of n elements.
func (c *Ctx) scanned(cur uint64, n int) {
	c.array(2)
	c.Out = resp.AppendBulk(c.Out, strconv.FormatUint(cur, 10))
	c.array(n)
}

// scanIn scans a collection of key: values says how many replies an element is.
func scanIn[V any](c *Ctx, kind store.Kind, dict func(v *store.Value) *store.Dict[V], values int, reply func(n *store.Node[V])) {
	cur, ok := ParseCursor(c.Args[2])
	if !ok {
		c.fail(errCursor)
		return
	}
	e, ok := c.typed(c.Args[1], kind)
	if !ok {
		return
	}
	if e == nil {
		c.scanned(0, 0)
		return
	}
	o, ok := c.scanning(c.Args[3:], false)
	if !ok {
		return
	}
	var matched []*store.Node[V]
	next := dict(&e.Value).Scan(place(cur), o.count, func(n *store.Node[V]) {
		if o.pattern == nil || Match(o.pattern, n.Key, false) {
			matched = append(matched, n)
		}
	})
	c.scanned(uint64(next), len(matched)*values)
	for _, n := range slices.Backward(matched) {
		reply(n)
	}
}

func hscan(c *Ctx) {
	scanIn(c, store.HashKind, func(v *store.Value) *store.Dict[[]byte] { return &v.Hash().Dict }, 2,
		func(n *store.Node[[]byte]) {
			c.text(n.Key)
			c.bulk(n.Value)
		})
}

func sscan(c *Ctx) {
	scanIn(c, store.SetKind, func(v *store.Value) *store.Dict[struct{}] { return &v.Set().Dict }, 1,
		func(m member) { c.text(m.Key) })
}
