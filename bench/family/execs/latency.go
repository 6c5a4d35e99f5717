package execs

import (
	"errors"
	"fmt"

	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/exec"
)

// This file measures how long a task takes from the call that sends it until it runs.

func taskLatencyRows() (rows []measure.Row) {
	for _, load := range []int{10, 80} {
		share := float64(load) / 100
		rows = append(rows, measure.Row{
			Name: fmt.Sprintf("Exec/tasks/latency/load=%d", load),
			Does: fmt.Sprintf("one task at %d %% of what can be sent one by one, a cpu each, both sides polling: from Push "+
				"until it runs; prepared tasks, closures through the channel", load),
			Full: true,
			Impls: measure.Join(measure.Ours("pushcore", courier.Loaded(openTasks, share)),
				measure.Each("channel", courier.Loaded(channelTasks, share)), measure.Peer("line-oneway", courier.LineOneWay)),
		})
	}
	return rows
}

// stamped is a prepared task that carries a stamp.
type stamped struct {
	stamp  int64
	handle func(int64)
}

func (t *stamped) Run(*exec.Local) { t.handle(t.stamp) }

// stampedTasks is how many there are, used in turn: when one is used again the lane has taken half as many since, and
// so it has run.
const stampedTasks = 4 * measure.Capacity

// openTasks is a courier to an Exec whose messages are tasks.
func openTasks(s measure.Spot, handle func(int64)) (courier.Courier, error) {
	tasks := make([]stamped, stampedTasks)
	for i := range tasks {
		tasks[i].handle = handle
	}
	lanes, ended, end := make(chan *exec.Lane[exec.Task], 1), make(chan error, 1), make(chan struct{})
	go func() {
		ended <- start(s, exec.Config{Spin: exec.SpinForever, InboxCap: measure.Capacity}, func(x *exec.Exec) error {
			lane, err := x.Lane()
			if err != nil {
				return err
			}
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
	next := 0
	return courier.Courier{Send: func(v int64) {
		t := &tasks[next%stampedTasks]
		next++
		t.stamp = v
		for wait := (measure.Poll{}); !lane.Push(t); {
			wait.Took(0, 1)
		}
	}, Stop: func() error {
		close(end)
		return <-ended
	}}, nil
}

// channelTasks is a courier whose messages are closures, and whose receiver runs what comes through a channel.
func channelTasks(s measure.Spot, handle func(int64)) (courier.Courier, error) {
	ch := make(chan func(), measure.Capacity)
	stop := courier.Receiver(s, func() {
		for f := range ch {
			f()
		}
	}, func() { close(ch) })
	return courier.Courier{Send: func(v int64) { ch <- func() { handle(v) } }, Stop: stop}, nil
}
