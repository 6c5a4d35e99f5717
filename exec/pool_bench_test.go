package exec_test

import (
	"sync"
	"testing"

	"github.com/pushcore/pushcore/exec"
)

// BenchmarkPool is the cost of taking an object out and giving it back on one
// core, stepped, beside the alternatives.
func BenchmarkPool(b *testing.B) {
	x, y := newStepped(b, "x"), newStepped(b, "y")
	p := newPool(b, x, exec.PoolConfig[item]{})
	b.Run("home", func(b *testing.B) {
		b.ReportAllocs()
		step(b, x, func(l *exec.Local) {
			for b.Loop() {
				p.Put(l, p.Get(l))
			}
		})
	})
	b.Run("home/64-out", func(b *testing.B) {
		b.ReportAllocs()
		step(b, x, func(l *exec.Local) {
			var vs [64]*item
			for n := b.N; n > 0; n -= len(vs) {
				for i := range vs {
					vs[i] = p.Get(l)
				}
				for _, v := range vs {
					p.Put(l, v)
				}
			}
		})
	})
	b.Run("elsewhere/64-out", func(b *testing.B) {
		b.ReportAllocs()
		step(b, x, func(home *exec.Local) {
			step(b, y, func(away *exec.Local) {
				var vs [64]*item
				for n := b.N; n > 0; n -= len(vs) {
					for i := range vs {
						vs[i] = p.Get(home)
					}
					for _, v := range vs {
						p.Put(away, v)
					}
				}
			})
		})
	})
	b.Run("sync.Pool", func(b *testing.B) {
		sp := sync.Pool{New: func() any { return new(item) }}
		b.ReportAllocs()
		for b.Loop() {
			sp.Put(sp.Get().(*item))
		}
	})
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sink = &item{}
		}
	})
}

var sink *item
