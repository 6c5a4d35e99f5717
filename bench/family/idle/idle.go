// Package idle is the family of what it costs to do nothing, and to have less than a processor for each thread: idle
// workers, workers that are woken after a silence, more workers than cpus, and a cgroup's quota.
package idle

import (
	"errors"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/neighbour"
	"github.com/pushcore/pushcore/bench/internal/stat"
	"github.com/pushcore/pushcore/exec"
)

// run is one measurement.
type run = func(s measure.Spot, n int) (measure.Sample, error)

// Family lists the rows.
func Family() measure.Family {
	rows := burnRows()
	rows = append(rows, wakeRows()...)
	rows = append(rows, crowdRows()...)
	return measure.Family{
		Name: "idle",
		Does: "what it costs to do nothing, and to have less than a processor for each thread",
		Rows: append(rows, quotaRow()),
		End:  removeProgram,
	}
}

func burnRows() []measure.Row {
	below := []measure.Want{measure.Below("pushcore", 1, " %")}
	rows := []measure.Row{{
		Name:  "Idle/workers=2",
		Does:  "the share of one core that workers take which have had a value each and get nothing more for 2 s",
		Impls: measure.Join(measure.Ours("pushcore", burn(groupOf(0), 2)), measure.Peer("channel", burn(channels, 2))),
		Wants: below, Rounds: stat.LeastRounds, Amount: burnSeconds, Takes: burnSeconds * time.Second, Slow: true,
	}}
	for _, workers := range []int{1, 2, 8} {
		row := measure.Row{
			Name: fmt.Sprintf("Idle/pools/workers=%d", workers),
			Does: "the same for a group that parks at once, for one that never does (it takes its cpus), and for pools",
			Impls: []measure.Impl{
				measure.Ours("pushcore", burn(groupOf(0), workers)), measure.Ours("parking", burn(groupOf(-1), workers)),
				measure.Peer("channel", burn(channels, workers)), measure.Peer("ants", burn(antsPool, workers)),
				measure.Peer("pond", burn(pondPool, workers)),
			},
			Wants: below, Rounds: stat.LeastRounds, Amount: burnSeconds, Takes: burnSeconds * time.Second,
			Slow: true, Full: true,
		}
		if workers <= 2 { // more would take turns
			row.Impls = append(row.Impls, measure.Ours("spinning", burn(groupOf(exec.SpinForever), workers)))
		}
		rows = append(rows, row)
	}
	return rows
}

func wakeRows() []measure.Row {
	row := func(silence time.Duration, amount, rounds int) measure.Row {
		of := func(open courier.Opener) run { return courier.Silent(open, silence) }
		return measure.Row{
			Name: fmt.Sprintf("Idle/wake/silence=%v", silence),
			Does: "from Send to the handler of a worker that has parked meanwhile",
			Impls: measure.Join(measure.Ours("pushcore", of(openWorker)), measure.Each("channel", of(courier.Channel)),
				measure.Floor("futex", of(courier.Futex))),
			Amount: amount, Takes: time.Duration(amount) * silence, Rounds: rounds, Slow: true, Full: true,
		}
	}
	// The distances are of a request now and then, and of one in which everything has left the caches.
	return []measure.Row{row(time.Millisecond, 256, 0), row(100*time.Millisecond, 30, 3), besideRow()}
}

func besideRow() measure.Row {
	const silence, amount = 300 * time.Microsecond, 64
	of := func(open courier.Opener) run { return beside(courier.Silent(open, silence)) }
	return measure.Row{
		Name: "Idle/wake/beside=computing",
		Does: fmt.Sprintf("from Send to the handler of a worker on whose cpu a thread computes without end; one every %v", silence),
		Impls: measure.Join(measure.Ours("pushcore", of(openWorker)), measure.Each("channel", of(courier.Channel)),
			measure.Floor("futex", of(courier.Futex))),
		Amount: amount, Takes: amount * silence, Slow: true, Full: true,
	}
}

// beside has a thread compute on the worker's cpu meanwhile.
func beside(f run) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		other := neighbour.Spin(s, 1)
		got, err := f(s, n)
		return got, errors.Join(err, other.Stop())
	}
}

func crowdRows() (rows []measure.Row) {
	for _, times := range []int{1, 2, 4} {
		rows = append(rows, measure.Row{
			Name: fmt.Sprintf("Idle/oversubscribed=%dx", times),
			Does: fmt.Sprintf("values of 16 bytes in turn to workers on the two cpus, %d on each; the sender waits for room",
				times),
			Impls: measure.Join(measure.Ours("pushcore", crowdGroup(2*times)),
				measure.Each("channel", crowdChannels(2*times))),
			Full: times != 2,
		})
	}
	return rows
}

func quotaRow() measure.Row {
	row := measure.Row{
		Name: "Idle/quota=50",
		Does: "a program of one worker whose cgroup has half a cpu: from when a value is due (every 2 ms) to its handler, " +
			"and, sent as fast as they go, values per second of processor time",
		Amount: 1, Takes: 5 * time.Second, Rounds: 3, Slow: true, Full: true,
	}
	for _, wait := range []string{"default", "parking", "spinning", "channel"} {
		im := measure.Peer(wait, throttled(wait))
		im.Own = wait != "channel"
		im.Program = true
		row.Impls = append(row.Impls, im)
	}
	return row
}
