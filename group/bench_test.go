package group_test

import (
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// What a send costs its sender, on one core: workers are stepped outside the clock.
func BenchmarkSend(b *testing.B) {
	for name, cfg := range map[string]group.Config[item]{
		"RoundRobin": {},
		"KeyHash":    {Balance: balance.KeyHash(), Key: func(v *item) uint64 { return v.key }},
	} {
		cfg.Workers, cfg.Depth = 2, 1<<14
		cfg.Worker = func(*exec.Local, int) (group.Handler[item], error) {
			return group.HandlerFunc[item](func(_ *exec.Local, batch []item) int { return len(batch) }), nil
		}
		g := newGroup(b, cfg)
		p := producer(b, g)
		batch := make([]item, 32)
		for i := range batch {
			batch[i].key = uint64(i)
		}
		for how, send := range map[string]func(n int){
			"Send": func(n int) {
				for i := range n {
					_ = p.Send(item{key: uint64(i)})
				}
			},
			"Stage": func(n int) {
				for i := range n {
					_ = p.Stage(item{key: uint64(i)})
					if i%32 == 31 {
						_, _ = p.Flush()
					}
				}
				_, _ = p.Flush()
			},
			"SendBatch": func(n int) {
				for range n / 32 {
					_, _ = p.SendBatch(batch)
				}
			},
			"TrySend": func(n int) {
				for i := range n {
					_ = g.TrySend(item{key: uint64(i)})
				}
			},
		} {
			b.Run(name+"/"+how, func(b *testing.B) {
				const lap = 1 << 13
				b.ReportAllocs()
				for left := b.N; left > 0; left -= lap {
					send(min(lap, left))
					b.StopTimer()
					for _, x := range []*exec.Exec{g.Exec(0), g.Exec(1)} {
						for worked := true; worked; {
							worked, _ = x.Step()
						}
					}
					b.StartTimer()
				}
			})
		}
	}
}
