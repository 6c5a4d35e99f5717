package groups

import (
	"errors"
	"time"

	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

func latencyRows() []measure.Row {
	loaded := func(load float64) []measure.Impl {
		return measure.Join(measure.Ours("pushcore", courier.Loaded(openGroup(exec.SpinForever), load)),
			measure.Each("channel", courier.Loaded(courier.Channel, load)), measure.Peer("line-oneway", courier.LineOneWay))
	}
	return []measure.Row{{
		Name:  "Group/latency/load=10",
		Does:  "one message at a tenth of what can be sent one by one, a cpu each, both polling: from Send to the handler",
		Impls: loaded(0.1),
		Wants: []measure.Want{measure.Within("pushcore", "line-oneway", 3)},
	}, {
		Name:  "Group/latency/load=80",
		Does:  "one message at 80 % of what can be sent one by one, a cpu each, both polling: from Send to the handler",
		Full:  true,
		Impls: loaded(0.8),
	}, {
		Name: "Group/latency/parked",
		Does: "one message after 200 us of silence, to a worker that parks at once",
		Impls: measure.Join(measure.Ours("pushcore", courier.Parked(openGroup(-1))),
			measure.Each("channel", courier.Parked(courier.Channel)), measure.Peer("futex", courier.Parked(courier.Futex))),
		Wants: []measure.Want{measure.Plus("pushcore", "futex", 2000)},
	}}
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
