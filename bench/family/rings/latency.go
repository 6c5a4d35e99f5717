package rings

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/queue"
	"github.com/pushcore/pushcore/internal/mem"
)

// latencyRows are those of one element at a time, from the call that sends it to the consumer's look at it.
func latencyRows(kind string) (rows []measure.Row) {
	ours, peer, of := spsc[small], "xsync", xsyncSPSC[small]
	if kind == "mpsc" {
		ours, peer, of = mpsc[small], "xsync-mpmc", xsyncMPMC[small]
	}
	for _, load := range []int{10, 80} {
		share := float64(load) / 100
		rows = append(rows, measure.Row{
			Name: fmt.Sprintf("Ring/%s/latency/load=%d", strings.ToUpper(kind), load),
			Does: fmt.Sprintf("one word at a time, from the push to the look, at %d %% of what each can take; both poll", load),
			Impls: measure.Join(measure.Ours("pushcore", courier.Loaded(polled(ours, measure.Drain), share)),
				measure.Each("channel", courier.Loaded(courier.Channel, share)),
				measure.Each("mutex-swap", courier.Loaded(polled(mutexSwap[small], measure.Drain), share)),
				measure.Each(peer, courier.Loaded(polled(of, 1), share)),
				measure.Peer("line-oneway", courier.LineOneWay)),
			Wants: []measure.Want{measure.Faster("pushcore", "channel", 1), measure.Faster("pushcore", "mutex-swap", 1),
				measure.Faster("pushcore", peer, 1)},
			Full: kind == "mpsc",
		})
	}
	return rows
}

// polled makes a courier of a queue whose both ends poll; the receiver takes up to drain messages at once.
func polled(open opener[small], drain int) courier.Opener {
	return func(s measure.Spot, handle func(int64)) (courier.Courier, error) {
		q := open(queue.Shape{Producers: 1, Batch: 1, Size: 8})
		var ended atomic.Bool
		stop := courier.Receiver(s, func() {
			dst := make([]small, drain)
			for {
				last := ended.Load() // before the look: nothing comes after it
				vs := q.pop(dst)
				for i := range vs {
					handle(int64(vs[i][0]))
				}
				if len(vs) == 0 {
					if last {
						return
					}
					mem.Pause()
				}
			}
		}, func() { ended.Store(true) })
		one := make([]small, 1)
		return courier.Courier{Send: func(v int64) {
			for one[0][0] = uint64(v); q.push(one) == 0; {
				mem.Pause()
			}
		}, Stop: stop}, nil
	}
}
