package command

import (
	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/store"
)

var lcsCommands = []*Command{
	{Name: "lcs", Arity: -3, Flags: reads, First: 1, Last: 2, Step: 1, Run: lcs},
}

// maxLCS is how many cells the table of LCS may have, of 4 bytes each. Redis takes what the
// machine has.
const maxLCS = 1 << 26

// lcsOptions are those of LCS.
type lcsOptions struct {
	length, index, lengths bool
	least                  int64
}

func (c *Ctx) lcsOptions(args [][]byte) (o lcsOptions, ok bool) {
	for i := 0; i < len(args); i++ {
		switch {
		case is(args[i], "IDX"):
			o.index = true
		case is(args[i], "LEN"):
			o.length = true
		case is(args[i], "WITHMATCHLEN"):
			o.lengths = true
		case is(args[i], "MINMATCHLEN") && i+1 < len(args):
			i++
			if o.least, ok = c.integer(args[i]); !ok {
				return o, false
			}
		default:
			c.fail(errSyntax)
			return o, false
		}
	}
	if o.index && o.length {
		c.fail("ERR If you want both the length and indexes, please just use IDX.")
		return o, false
	}
	return o, true
}

func lcs(c *Ctx) {
	var text [2][]byte
	for i := range text {
		e := c.find(c.Args[1+i])
		if e == nil {
			continue
		}
		if e.Value.Kind != store.String {
			c.fail("ERR The specified keys must contain string values")
			return
		}
		text[i] = e.Value.Bytes
	}
	o, ok := c.lcsOptions(c.Args[3:])
	if !ok {
		return
	}
	a, b := text[0], text[1]
	if (len(a)+1)*(len(b)+1) > maxLCS || len(a) >= maxLCS || len(b) >= maxLCS {
		c.fail("ERR Insufficient memory, failed allocating transient memory for LCS")
		return
	}
	t := newLCS(a, b)
	switch {
	case o.length:
		c.int(int64(t.at(len(a), len(b))))
	case o.index:
		c.mapOf(2)
		c.text("matches")
		c.matches(t.runs(), o)
		c.text("len")
		c.int(int64(t.at(len(a), len(b))))
	default:
		c.bulk(t.common())
	}
}

// matches replies with the runs that are long enough.
func (c *Ctx) matches(runs []run, o lcsOptions) {
	long := runs[:0]
	for _, r := range runs {
		if int64(r.n) >= o.least {
			long = append(long, r)
		}
	}
	c.array(len(long))
	for _, r := range long {
		if o.lengths {
			c.array(3)
		} else {
			c.array(2)
		}
		for _, from := range [...]int{r.a, r.b} {
			c.array(2)
			c.int(int64(from))
			c.int(int64(from + r.n - 1))
		}
		if o.lengths {
			c.Out = resp.AppendInt(c.Out, int64(r.n))
		}
	}
}

// lcsTable has, for each pair of beginnings of two strings, how long their longest common
// subsequence is.
type lcsTable struct {
	a, b []byte
	len  []uint32
}

func newLCS(a, b []byte) *lcsTable {
	t := &lcsTable{a, b, make([]uint32, (len(a)+1)*(len(b)+1))}
	width := len(b) + 1
	for i := range a {
		above, row := t.len[i*width:(i+1)*width], t.len[(i+1)*width:(i+2)*width]
		for j := range b {
			if a[i] == b[j] {
				row[j+1] = above[j] + 1
			} else {
				row[j+1] = max(above[j+1], row[j])
			}
		}
	}
	return t
}

func (t *lcsTable) at(i, j int) uint32 { return t.len[i*(len(t.b)+1)+j] }

// each calls f with the places of the bytes in common, from the last one on.
func (t *lcsTable) each(f func(i, j int)) {
	for i, j := len(t.a), len(t.b); i > 0 && j > 0; {
		switch {
		case t.a[i-1] == t.b[j-1]:
			i, j = i-1, j-1
			f(i, j)
		case t.at(i-1, j) > t.at(i, j-1):
			i--
		default:
			j--
		}
	}
}

func (t *lcsTable) common() []byte {
	out := make([]byte, t.at(len(t.a), len(t.b)))
	at := len(out)
	t.each(func(i, _ int) {
		at--
		out[at] = t.a[i]
	})
	return out
}

// run is n bytes in common that follow each other in both strings.
type run struct{ a, b, n int }

// runs returns them, the last one first.
func (t *lcsTable) runs() (runs []run) {
	t.each(func(i, j int) {
		if last := len(runs) - 1; last >= 0 && runs[last].a == i+1 && runs[last].b == j+1 {
			runs[last] = run{i, j, runs[last].n + 1}
			return
		}
		runs = append(runs, run{i, j, 1})
	})
	return runs
}
