package execs

import (
	"errors"
	"time"

	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/exec"
)

// This file holds values that go to a batch handler through an Exec's own inbox, without a group, and what a Go program
// would send them through.

func valueRows() []measure.Row {
	rows := pools.WithLatency(measure.Row{
		Name: "Exec/values/by32",
		Does: "values of 16 bytes to a batch handler through a lane of its inbox, 32 at a time",
		Impls: measure.Join(measure.Ours("pushcore", laneValues), measure.Each("channel", message.Channel),
			measure.Each("mutex-swap", message.MutexSwap)),
		Wants: []measure.Want{measure.Faster("pushcore", "channel", 6)},
	}, begun, func(load int) []measure.Impl {
		return measure.Join(measure.Ours("pushcore", agedValues(load)), measure.Each("channel", message.ChannelAged(load)),
			measure.Each("mutex-swap", message.MutexSwapAged(load)), measure.Floor("line-oneway", courier.LineOneWay))
	}, 10)
	rows[1].Wants = []measure.Want{measure.Within("pushcore", "line-oneway", 3)}
	return append(rows, measure.Row{
		Name: "Exec/values/latency/parked",
		Does: "one value after 200 us of silence, to a loop that parks at once",
		Impls: measure.Join(measure.Ours("pushcore", courier.Parked(openExec(-1))),
			measure.Each("channel", courier.Parked(courier.Channel)),
			measure.Floor("futex", courier.Parked(courier.Futex))),
		Few: 16,
	})
}

// laneValues sends through a lane of an inbox, 32 at a time.
func laneValues(s measure.Spot, n int) (measure.Sample, error) {
	t := &measure.Tally{N: n}
	var d time.Duration
	err := startInbox(s, exec.Config{}, message.Handler(t), func(lane *exec.Lane[message.Message]) (err error) {
		d, err = s.On(0, func() error {
			batch := make([]message.Message, message.Batch)
			for i := 0; i < n; i += message.Batch {
				some := batch[:min(message.Batch, n-i)]
				message.Fill(some, uint64(i))
				for rest, wait := some, (measure.Poll{}); ; wait.Took(0, 1) {
					if rest = rest[lane.PushBatch(rest):]; len(rest) == 0 {
						break
					}
				}
			}
			return t.Await()
		})
		return err
	})
	return measure.PerOp(d, n), err
}

// startInbox runs an Exec with one inbox and a lane into it while body runs.
func startInbox[T any](s measure.Spot, cfg exec.Config, handle func(*exec.Local, []T) int,
	body func(*exec.Lane[T]) error) error {
	var in *exec.Inbox[T]
	cfg.OnStart = func(l *exec.Local) (err error) {
		in, err = exec.NewInbox(l.Exec(), exec.InboxConfig[T]{Cap: measure.Capacity, Handle: handle})
		return err
	}
	return start(s, cfg, func(x *exec.Exec) error {
		lane, err := in.Lane()
		if err != nil {
			return err
		}
		return body(lane)
	})
}

// openExec is a courier to an Exec's inbox.
func openExec(spin time.Duration) courier.Opener {
	return func(s measure.Spot, handle func(int64)) (courier.Courier, error) {
		lanes, ended, end := make(chan *exec.Lane[int64], 1), make(chan error, 1), make(chan struct{})
		go func() {
			ended <- startInbox(s, exec.Config{Spin: spin}, func(_ *exec.Local, batch []int64) int {
				for _, v := range batch {
					handle(v)
				}
				return len(batch)
			}, func(lane *exec.Lane[int64]) error {
				lanes <- lane
				<-end
				return nil
			})
			close(lanes)
		}()
		lane := <-lanes
		if lane == nil {
			return courier.Courier{}, errors.Join(errors.New("no lane"), <-ended)
		}
		return courier.Courier{Send: func(v int64) {
			for wait := (measure.Poll{}); !lane.Push(v); {
				wait.Took(0, 1)
			}
		}, Stop: func() error {
			close(end)
			return <-ended
		}}, nil
	}
}
