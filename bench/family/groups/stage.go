package groups

import (
	"fmt"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// This file measures what sending costs the sender alone.

func stageRows() []measure.Row {
	return []measure.Row{{
		Name: "Group/stage/keyed",
		Does: "staged sends with random keys into the lanes of two workers, flushed by 32; the workers run on the same " +
			"cpu, outside the clock",
		Full: true,
		Impls: measure.Join(measure.Ours("pushcore", staging(balance.KeyHash())),
			measure.Ours("pushcore-maglev", staging(balance.Maglev(4099))),
			measure.Ours("round-robin", staging(balance.RoundRobin()))),
		Wants: []measure.Want{
			measure.Within("pushcore", "round-robin", 1.3), measure.Within("pushcore-maglev", "round-robin", 1.3),
		},
	}}
}

// staging times staged sends into the lanes of two workers, flushed by 32. The workers are stepped on the same core,
// outside the clock, so that it is the sender's cost and nothing else.
func staging(p balance.Policy) func(s measure.Spot, n int) (measure.Sample, error) {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		const workers, lap = 2, 1 << 12
		handled := 0
		g, err := group.New(group.Config[value]{
			Workers: workers, Depth: lap, Balance: p,
			Worker: func(*exec.Local, int) (group.Handler[value], error) {
				return group.HandlerFunc[value](func(_ *exec.Local, batch []value) int {
					handled += len(batch)
					return len(batch)
				}), nil
			},
		})
		if err != nil {
			return measure.Sample{}, err
		}
		prod, err := g.Producer()
		if err != nil {
			return measure.Sample{}, err
		}
		n = (n + lap - 1) / lap * lap
		d := time.Duration(0)
		_, err = s.Solo(func() error {
			for sent := 0; sent < n; sent += lap {
				start := time.Now()
				for i := range lap {
					if err := prod.StageKey(keys[i&(len(keys)-1)], value{}); err != nil {
						return err
					}
					if i%32 == 31 {
						if _, err := prod.Flush(); err != nil {
							return err
						}
					}
				}
				d += time.Since(start)
				for i := range workers {
					for worked := true; worked; {
						worked, _ = g.Exec(i).Step()
					}
				}
			}
			return nil
		})
		if err == nil && handled != n {
			err = fmt.Errorf("data error: %d of %d items were handled", handled, n)
		}
		return measure.PerOp(d, n), err
	}
}
