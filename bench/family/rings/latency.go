package rings

import (
	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/internal/mem"
	"github.com/pushcore/pushcore/ring"
)

// openRing polls a ring.
func openRing(s measure.Spot, handle func(int64)) (courier.Courier, error) {
	r := ring.NewSPSC[int64](measure.Capacity)
	stop := courier.Receiver(s, func() {
		dst := make([]int64, measure.Drain)
		for {
			n := r.PopBatch(dst)
			for _, v := range dst[:n] {
				handle(v)
			}
			if n == 0 {
				if r.Closed() && r.Len() == 0 {
					return
				}
				mem.Pause()
			}
		}
	}, r.Close)
	return courier.Courier{Send: func(v int64) {
		for !r.Push(v) {
			mem.Pause()
		}
	}, Stop: stop}, nil
}
