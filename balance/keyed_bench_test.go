package balance_test

import (
	"fmt"
	"testing"

	"github.com/pushcore/pushcore/balance"
)

// BenchmarkPickKeyed is decisions that BenchmarkPick does not have: tables that take too long to fill for the
// conformance suite, weights that differ, a worker at its bound, workers that are closed.
func BenchmarkPickKeyed(b *testing.B) {
	keys := benchKeys()
	half := func(v *balance.View) {
		for i := 1; i < v.N(); i += 2 {
			v.SetOpen(i, false)
		}
	}
	for _, c := range []struct {
		name   string
		policy balance.Policy
		set    func(v *balance.View)
	}{
		{"policy=Maglev/size=65537", balance.Maglev(65537), func(*balance.View) {}},
		{"policy=Rendezvous/weights=uneven", uneven(balance.Rendezvous()), func(*balance.View) {}},
		{"policy=Jump/closed=half", balance.Jump(), half},
		{"policy=BoundedLoad/eps=0.25/loads=uneven", balance.BoundedLoad(0.25), func(v *balance.View) {
			for i := range v.Sent {
				v.Sent[i] = uint64(i % 4 * 10)
			}
		}},
	} {
		for _, n := range []int{2, 8, 64} {
			b.Run(fmt.Sprintf("%s/workers=%d", c.name, n), func(b *testing.B) {
				v := balance.NewView(n)
				c.set(v)
				bal, err := c.policy(v)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				i, sum := 0, 0
				for b.Loop() {
					sum += bal.Pick(keys[i&(len(keys)-1)], v)
					i++
				}
				sink = sum
			})
		}
	}
}

// BenchmarkMaglevUpdate is what filling a table takes: what a change of membership costs, once for all producers that
// see it.
func BenchmarkMaglevUpdate(b *testing.B) {
	for _, size := range []int{4099, 65537} {
		for _, n := range []int{2, 8, 64} {
			b.Run(fmt.Sprintf("size=%d/workers=%d", size, n), func(b *testing.B) {
				v := balance.NewView(n)
				bal, err := balance.Maglev(size)(v)
				if err != nil {
					b.Fatal(err)
				}
				open := false
				for b.Loop() {
					v.SetOpen(0, open)
					open = !open
					if err := bal.Update(v); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
