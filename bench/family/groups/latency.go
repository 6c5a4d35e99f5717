package groups

import (
	"errors"
	"time"

	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// done is what ends an age in this family.
const done = "it is done"

func parkedRow() measure.Row {
	return measure.Row{
		Name: "Group/latency/parked",
		Does: "one message after 200 us of silence, to a worker that parks at once",
		Impls: measure.Join(measure.Ours("pushcore", courier.Parked(openGroup(-1))),
			measure.Each("channel", courier.Parked(courier.Channel)), measure.Floor("futex", courier.Parked(courier.Futex))),
		Wants: []measure.Want{measure.Plus("pushcore", "futex", 2000)},
		Few:   16,
	}
}

// openGroup is a courier to a group of one worker.
func openGroup(spin time.Duration) courier.Opener {
	return func(s measure.Spot, handle func(int64)) (courier.Courier, error) {
		opened, ended, end := make(chan *group.Producer[int64], 1), make(chan error, 1), make(chan struct{})
		go func() {
			ended <- serve(one(s, spin, func(_ *exec.Local, batch []int64) int {
				for _, v := range batch {
					handle(v)
				}
				return len(batch)
			}), 1, func(ps []*group.Producer[int64]) error {
				opened <- ps[0]
				<-end
				return nil
			})
			close(opened)
		}()
		p := <-opened
		if p == nil {
			return courier.Courier{}, <-ended
		}
		var failed error
		return courier.Courier{Send: func(v int64) {
			if err := p.Send(v); err != nil {
				failed = errors.Join(failed, retry(func() error { return p.Send(v) }))
			}
		}, Stop: func() error {
			close(end)
			return errors.Join(failed, <-ended)
		}}, nil
	}
}
