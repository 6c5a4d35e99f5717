package command

import "math"

// expire is EXPIRE, PEXPIRE, EXPIREAT and PEXPIREAT: unit is in milliseconds.
func (c *Ctx) expire(unit int64, relative bool) {
	nx, xx, gt, lt, ok := c.conditions(c.Args[3:])
	if !ok {
		return
	}
	at, ok := c.integer(c.Args[2])
	if !ok {
		return
	}
	if at > math.MaxInt64/unit || at < math.MinInt64/unit {
		c.errExpire()
		return
	}
	at *= unit
	if relative {
		if at > math.MaxInt64-c.Now() {
			c.errExpire()
			return
		}
		at += c.Now()
	}
	key := c.Args[1]
	e := c.find(key)
	if e == nil {
		c.int(0)
		return
	}
	was, expires := c.db(key).Deadline(e)
	if nx && expires || xx && !expires || gt && (!expires || at <= was) || lt && expires && at >= was {
		c.int(0)
		return
	}
	c.expireAt(key, e, at)
	c.int(1)
}

// conditions reads the options of EXPIRE.
func (c *Ctx) conditions(args [][]byte) (nx, xx, gt, lt, ok bool) {
	for _, a := range args {
		switch {
		case is(a, "NX"):
			nx = true
		case is(a, "XX"):
			xx = true
		case is(a, "GT"):
			gt = true
		case is(a, "LT"):
			lt = true
		default:
			c.fail("ERR Unsupported option " + string(cString(a, len(a))))
			return
		}
	}
	switch {
	case nx && (xx || gt || lt):
		c.fail("ERR NX and XX, GT or LT options at the same time are not compatible")
	case gt && lt:
		c.fail("ERR GT and LT options at the same time are not compatible")
	default:
		ok = true
	}
	return
}

// ttl is TTL and PTTL, which are relative, EXPIRETIME and PEXPIRETIME.
func (c *Ctx) ttl(unit int64, relative bool) {
	key := c.Args[1]
	e := c.find(key)
	if e == nil {
		c.int(-2)
		return
	}
	at, expires := c.db(key).Deadline(e)
	if !expires {
		c.int(-1)
		return
	}
	if relative {
		at = max(at-c.Now(), 0)
	}
	if unit > 1 {
		at = at/unit + (at%unit+unit/2)/unit // the sum of at and unit/2 may be too large
	}
	c.int(at)
}

func persist(c *Ctx) {
	key := c.Args[1]
	e := c.find(key)
	done := e != nil && c.db(key).Persist(e)
	if done {
		c.dirty++
	}
	c.bool(done)
}

// Sweep removes keys that have expired, most at most, and returns how many it did.
func (c *Ctx) Sweep(most int) (n int) {
	for _, db := range c.DBs {
		for ; n < most; n++ {
			e := db.NextExpired(c.Now())
			if e == nil {
				break
			}
			c.Expire(db, e)
		}
	}
	return n
}
