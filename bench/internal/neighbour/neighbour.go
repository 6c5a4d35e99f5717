// Package neighbour is what else may run on a machine while something is measured: a loop that has a cpu to itself, and
// a goroutine that keeps the garbage collector at work.
package neighbour

import (
	"runtime/metrics"
	"sync"
	"sync/atomic"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/internal/mem"
)

// Neighbour is one of them, at work. Stop ends it, waits for it, and says what it could not do; it is called once.
type Neighbour struct {
	stop atomic.Bool
	wg   sync.WaitGroup
	err  error // Stop's, when wg is done
}

// Stop ends the neighbour.
func (b *Neighbour) Stop() error {
	b.stop.Store(true)
	b.wg.Wait()
	return b.err
}

// Spin polls on the spot's cpu i, and does nothing else.
func Spin(s measure.Spot, i int) *Neighbour {
	b := new(Neighbour)
	b.wg.Go(func() {
		if b.err = s.Enter(i); b.err != nil {
			return
		}
		for !b.stop.Load() {
			mem.Pause()
		}
	})
	return b
}

// What Churn keeps alive, and thus what each collection has to mark: a table of lists, about 8 MB.
const (
	churnLists = 1 << 12
	churnNodes = 64
)

type node struct {
	next *node
	_    [3]uint64
}

// Churn replaces one list of its table after the other without end, on whichever cpu the scheduler finds for it. It
// returns when the table is full and has been collected once.
func Churn() *Neighbour {
	b := new(Neighbour)
	before, ready := collections(), make(chan struct{})
	b.wg.Go(func() {
		table := make([]*node, churnLists)
		for i, begun := 0, false; !b.stop.Load(); i++ {
			var list *node
			for range churnNodes {
				list = &node{next: list}
			}
			table[i%churnLists] = list
			if !begun && i >= churnLists && collections() > before {
				begun = true
				close(ready)
			}
		}
	})
	<-ready
	return b
}

// collections returns how often the garbage was collected.
func collections() uint64 {
	s := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
