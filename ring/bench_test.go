package ring

import "testing"

// The costs of one core: what an operation is made of before cache lines move. Two
// cores are measured beside the peers, in module bench.

func BenchmarkOneCore(b *testing.B) {
	vs, dst := make([]uint64, 32), make([]uint64, 32)
	s, m := NewSPSC[uint64](4096), NewMPSC[uint64](4096)
	p := NewSPSC[*blob](4096)
	ptr := new(blob)
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"SPSC/one", func() { s.Push(1); s.Pop() }},
		{"SPSC/pointer", func() { p.Push(ptr); p.Pop() }},
		{"SPSC/batch=8", func() { s.PushBatch(vs[:8]); s.PopBatch(dst[:8]) }},
		{"SPSC/batch=32", func() { s.PushBatch(vs); s.PopBatch(dst) }},
		{"SPSC/staged=8", func() {
			for i := range uint64(8) {
				s.Stage(i)
			}
			s.Flush()
			s.PopBatch(dst)
		}},
		{"SPSC/empty", func() { s.Pop() }},
		{"MPSC/one", func() { m.Push(1); m.Pop() }},
		{"MPSC/batch=32", func() { m.PushBatch(vs); m.PopBatch(dst) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.f()
			}
		})
	}
}
