package scaling

import (
	"errors"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/group"
)

// Family lists the rows.
func Family() measure.Family {
	return measure.Family{Name: "idle", Does: "what it costs to do nothing, and to have less than one processor per thread", Rows: idleRows()}
}

func idleRows() []measure.Row {
	return []measure.Row{{
		Name:   "Idle/workers=2",
		Impls:  []measure.Impl{measure.Ours("pushcore", idle)},
		Wants:  []measure.Want{measure.Below("pushcore", 1, " %")},
		Rounds: 1,
		Amount: 5,
	}}
}

// idle starts a group of two workers, sends nothing, and returns the share of one core that the process used in n
// seconds.
func idle(s measure.Spot, n int) (measure.Sample, error) {
	cfg := group.Config[message.Message]{
		Workers: 2,
		Worker: func(*exec.Local, int) (group.Handler[message.Message], error) {
			return group.HandlerFunc[message.Message](func(_ *exec.Local, batch []message.Message) int { return len(batch) }), nil
		},
	}
	if s.WorkerCPU() != nil {
		cfg.CPUs = place.Of(s.CPUs[:]...)
	}
	g, err := group.New(cfg)
	if err != nil {
		return measure.Sample{}, err
	}
	if err := g.Start(); err != nil {
		return measure.Sample{}, err
	}
	before, err := measure.CPUTime(false)
	start := time.Now()
	time.Sleep(time.Duration(n) * time.Second)
	wall := time.Since(start)
	after, err2 := measure.CPUTime(false)
	g.Stop()
	if err := errors.Join(err, err2, g.Wait()); err != nil {
		return measure.Sample{}, err
	}
	return measure.Of(100*float64(after-before)/float64(wall), "%core"), nil
}
