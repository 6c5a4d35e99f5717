package command

import (
	"math"
	"strconv"

	"github.com/pushcore/pushcore/examples/redis/store"
)

// options are those of SET and GETEX.
type options struct {
	nx, xx, get, keep, persist bool
	unit                       string // EX, PX, EXAT, PXAT, or "" for none
	time                       []byte
}

// options reads them. It replies and returns false if they make no sense.
func (c *Ctx) options(args [][]byte, getex bool) (o options, ok bool) {
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case is(a, "NX") && !o.xx && !getex:
			o.nx = true
		case is(a, "XX") && !o.nx && !getex:
			o.xx = true
		case is(a, "GET") && !getex:
			o.get = true
		case is(a, "KEEPTTL") && o.unit == "" && !getex:
			o.keep = true
		case is(a, "PERSIST") && o.unit == "" && getex:
			o.persist = true
		default:
			unit := unitOf(a)
			if unit == "" || o.keep || o.persist || o.unit != "" && o.unit != unit || i+1 == len(args) {
				c.fail(errSyntax)
				return o, false
			}
			i++
			o.unit, o.time = unit, args[i]
		}
	}
	return o, true
}

func unitOf(a []byte) string {
	for _, unit := range [...]string{"EX", "PX", "EXAT", "PXAT"} {
		if is(a, unit) {
			return unit
		}
	}
	return ""
}

// deadline returns when a key expires that is given options.
func (c *Ctx) deadline(o options) (at int64, ok bool) {
	if o.unit == "" {
		return 0, true
	}
	n, ok := c.integer(o.time)
	if !ok {
		return 0, false
	}
	if n <= 0 || o.unit[0] == 'E' && n > math.MaxInt64/1000 {
		c.errExpire()
		return 0, false
	}
	if o.unit[0] == 'E' {
		n *= 1000
	}
	if len(o.unit) == 2 {
		if n > math.MaxInt64-c.Now() {
			c.errExpire()
			return 0, false
		}
		n += c.Now()
	}
	return n, true
}

// expireAt has e expire, at once if it is time, and notes it.
func (c *Ctx) expireAt(key []byte, e *store.Entry, at int64) {
	c.dirty++
	db := c.db(key)
	if at <= c.Now() && !c.Loading {
		db.Delete(e)
		c.note(words("DEL", key)...)
		return
	}
	db.ExpireAt(e, at)
	c.note(words("PEXPIREAT", key, at)...)
}

// words makes a command to be noted.
func words(args ...any) [][]byte {
	out := make([][]byte, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case string:
			out[i] = []byte(a)
		case []byte:
			out[i] = a
		case int64:
			out[i] = strconv.AppendInt(nil, a, 10)
		}
	}
	return out
}
