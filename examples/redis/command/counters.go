package command

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/store"
)

// add is INCRBY.
func (c *Ctx) add(by int64) {
	key := c.Args[1]
	e, ok := c.typed(key, store.String)
	if !ok {
		return
	}
	var n int64
	if e != nil {
		if n, ok = c.integer(e.Value.Bytes); !ok {
			return
		}
	}
	sum, ok := plus(n, by)
	if !ok {
		c.fail(errOverflow)
		return
	}
	if e == nil {
		var digits [20]byte
		c.put(key, strconv.AppendInt(digits[:0], sum, 10))
	} else {
		e.Value.Bytes, e.Value.Raw = strconv.AppendInt(e.Value.Bytes[:0], sum, 10), false
		c.dirty++
	}
	c.int(sum)
}

// plus adds, and reports whether the sum is one.
func plus(a, b int64) (int64, bool) {
	if b > 0 && a > math.MaxInt64-b || b < 0 && a < math.MinInt64-b {
		return 0, false
	}
	return a + b, true
}

func incrby(c *Ctx) {
	if by, ok := c.integer(c.Args[2]); ok {
		c.add(by)
	}
}

func decrby(c *Ctx) {
	by, ok := c.integer(c.Args[2])
	switch {
	case !ok:
	case by == math.MinInt64:
		c.fail(errDecrement)
	default:
		c.add(-by)
	}
}

func incrbyfloat(c *Ctx) {
	key := c.Args[1]
	e, ok := c.typed(key, store.String)
	if !ok {
		return
	}
	old := new(big.Float).SetPrec(floatBits)
	if e != nil {
		if old, ok = parseFloat(e.Value.Bytes); !ok {
			c.fail(errFloat)
			return
		}
	}
	by, ok := parseFloat(c.Args[2])
	if !ok {
		c.fail(errFloat)
		return
	}
	sum, ok := floatSum(old, by)
	if !ok {
		c.fail(errNaN)
		return
	}
	c.db(key).SetString(key, sum)
	c.dirty++
	c.note(words("SET", key, sum, "KEEPTTL")...)
	c.bulk(sum)
}

// Redis counts in the long double of x86: 64 bits of mantissa, exponents to 4932. So does
// this, so that 0.1 and 0.2 are 0.3 here, too.
const (
	floatBits   = 64
	maxExponent = 4932
	maxFloatLen = 5 << 10
)

// parseFloat reads a number. Its exponent is looked at first: a big.Float would take gigabytes
// for some that are too large.
func parseFloat(b []byte) (*big.Float, bool) {
	s := string(b)
	if len(s) == 0 || len(s) >= maxFloatLen || strings.ContainsAny(s, "_ \t\n\v\f\rpP") {
		return nil, false
	}
	base := 10
	if digits := strings.TrimLeft(s, "+-"); len(digits) > 1 && (digits[1] == 'x' || digits[1] == 'X') {
		base = 0
	} else if i := bytes.IndexAny(b, "eE"); i >= 0 {
		if exp, err := strconv.Atoi(s[i+1:]); err != nil || exp > maxExponent || exp < -maxExponent {
			return nil, false
		}
	}
	switch strings.ToLower(strings.TrimLeft(s, "+-")) {
	case "inf", "infinity":
		if strings.LastIndexAny(s, "+-") > 0 {
			return nil, false
		}
		return new(big.Float).SetPrec(floatBits).SetInf(s[0] == '-'), true
	}
	f, _, err := big.ParseFloat(s, base, floatBits, big.ToNearestEven)
	if err != nil || f.IsInf() || f.MantExp(nil) > 16384 {
		return nil, false
	}
	return f, true
}

// floatSum adds and formats, and reports whether the sum is a number.
func floatSum(a, b *big.Float) ([]byte, bool) {
	if a.IsInf() || b.IsInf() {
		return nil, false
	}
	sum := new(big.Float).SetPrec(floatBits).Add(a, b)
	if sum.MantExp(nil) > 16384 {
		return nil, false
	}
	s := sum.Text('f', 17)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" || s == "" {
		s = "0"
	}
	return []byte(s), true
}

// objectEncoding is what OBJECT ENCODING says of a string.
func stringEncoding(v *store.Value) string {
	if v.Raw {
		return "raw"
	}
	if _, ok := resp.ParseInt(v.Bytes); ok {
		return "int"
	}
	if len(v.Bytes) <= 44 {
		return "embstr"
	}
	return "raw"
}

func hincrby(c *Ctx) {
	by, ok := c.integer(c.Args[3])
	if !ok {
		return
	}
	v, there, ok := c.field()
	if !ok {
		return
	}
	var n int64
	if there {
		if n, ok = resp.ParseInt(v); !ok {
			c.fail(errHashInt)
			return
		}
	}
	sum, ok := plus(n, by)
	if !ok {
		c.fail(errOverflow)
		return
	}
	e, _ := c.make(c.Args[1], store.HashKind)
	var digits [20]byte
	e.Value.Hash().Put(c.Args[2], strconv.AppendInt(digits[:0], sum, 10))
	c.dirty++
	c.int(sum)
}

func hincrbyfloat(c *Ctx) {
	by, ok := parseFloat(c.Args[3])
	switch {
	case !ok:
		c.fail(errFloat)
		return
	case by.IsInf():
		c.fail(errValueNaN)
		return
	}
	v, there, ok := c.field()
	if !ok {
		return
	}
	old := new(big.Float).SetPrec(floatBits)
	if there {
		if old, ok = parseFloat(v); !ok {
			c.fail(errHashFloat)
			return
		}
	}
	sum, ok := floatSum(old, by)
	if !ok {
		c.fail(errNaN)
		return
	}
	e, _ := c.make(c.Args[1], store.HashKind)
	e.Value.Hash().Put(c.Args[2], sum)
	c.dirty++
	c.note(words("HSET", c.Args[1], c.Args[2], sum)...)
	c.bulk(sum)
}
