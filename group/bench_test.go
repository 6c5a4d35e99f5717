package group_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
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

// What a change of the workers takes while a producer sends as fast as it can: Pause and Resume count as two. Behind a
// barrier, which KeyHash needs, everything accepted is handled first.
func BenchmarkChange(b *testing.B) {
	for _, p := range []struct {
		name   string
		policy balance.Policy
	}{
		{"RoundRobin", balance.RoundRobin()},
		{"StickyInFlight", balance.StickyInFlight(4096, balance.KeyHash())},
		{"KeyHash", balance.KeyHash()},
	} {
		b.Run(p.name, func(b *testing.B) {
			g := startGroup(b, group.Config[item]{
				Workers: 2, Balance: p.policy, Key: func(v *item) uint64 { return v.key }, AllowReorder: true,
				Exec: exec.Config{Logger: slog.New(slog.DiscardHandler)}, // it would be in the middle of a line
				Worker: func(*exec.Local, int) (group.Handler[item], error) {
					return group.HandlerFunc[item](func(_ *exec.Local, batch []item) int { return len(batch) }), nil
				},
			})
			ctx, stop := context.WithCancel(b.Context())
			sent := make(chan int)
			go func() {
				p, err := g.Producer()
				n := 0
				for batch := make([]item, 32); err == nil && ctx.Err() == nil; {
					for i := range batch {
						batch[i].key = rand.Uint64()
					}
					rest, _ := p.SendBatch(batch) // full: what is refused is dropped
					n += len(batch) - len(rest)
				}
				sent <- n
			}()
			b.ResetTimer()
			for i := range b.N {
				change := g.Pause
				if i%2 == 1 {
					change = g.Resume
				}
				if err := change(b.Context(), 1); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			stop()
			b.ReportMetric(float64(<-sent)/b.Elapsed().Seconds()/1e6, "Mitems/s")
		})
	}
}
