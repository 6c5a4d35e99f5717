package courier

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// Receiver runs loop on the second cpu until stop, which calls end and waits for it.
func Receiver(s measure.Spot, loop func(), end func()) (stop func() error) {
	var wg sync.WaitGroup
	var err error
	wg.Go(func() {
		err = s.Enter(1)
		loop()
	})
	return func() error {
		end()
		wg.Wait()
		return err
	}
}

// Channel receives from a channel; between messages its goroutine is parked, and its thread, too, when the silence is
// long.
func Channel(s measure.Spot, handle func(int64)) (Courier, error) {
	ch := make(chan int64, measure.Capacity)
	stop := Receiver(s, func() {
		for v := range ch {
			handle(v)
		}
	}, func() { close(ch) })
	return Courier{func(v int64) { ch <- v }, stop}, nil
}

// Futex sleeps in the kernel and nowhere else: what a wake takes at least. It holds one message.
func Futex(s measure.Spot, handle func(int64)) (Courier, error) {
	if !measure.FutexHere {
		return Courier{}, fmt.Errorf("%w: no futexes on %s", measure.ErrSkip, runtime.GOOS)
	}
	box := new(struct { // on the heap: stacks move
		word  atomic.Uint32 // 1: there is a message
		ended atomic.Bool
		stamp int64
	})
	stop := Receiver(s, func() {
		for !box.ended.Load() {
			if measure.FutexWait(&box.word, 0); box.word.Load() == 1 {
				handle(box.stamp)
				box.word.Store(0)
			}
		}
	}, func() { box.ended.Store(true) })
	return Courier{func(v int64) {
		box.stamp = v
		box.word.Store(1)
		measure.FutexWake(&box.word)
	}, stop}, nil
}
