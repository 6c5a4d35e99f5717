package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/pushcore/pushcore/exec"
)

// synchronise shows what coroutines of one Exec wait for each other with. Not one atomic instruction is in it.
func synchronise(w io.Writer) error {
	return on(exec.Config{}, func(co *exec.Co) error {
		l := co.Local()
		var most, inside int
		permits := exec.NewSemaphore(l, 2)
		gate := exec.NewGate(l)
		news := exec.NewBroadcast[int](l, 2)
		slow := news.Subscribe()
		for range 5 {
			if err := gate.Enter(); err != nil {
				return err
			}
			_, err := exec.Go(l, func(co *exec.Co) (nothing, error) {
				defer gate.Leave()
				if err := permits.Acquire(co, 1); err != nil {
					return nothing{}, err
				}
				defer permits.Release(1)
				inside++
				most = max(most, inside)
				err := co.Yield()
				inside--
				return nothing{}, err
			})
			if err != nil {
				return err
			}
		}
		if err := gate.Close(co); err != nil { // waits for all five
			return err
		}
		fmt.Fprintln(w, "inside at once:", most, "| now:", inside, "| enter a closed gate:", gate.Enter())

		for i := range 5 { // a sender never waits for a slow subscriber
			news.Send(i)
		}
		news.Close()
		for {
			v, err := slow.Receive(co)
			if errors.Is(err, exec.ErrClosed) {
				break
			}
			fmt.Fprintln(w, "news:", v, err)
		}

		account := exec.NewMutex(l)
		if err := account.Lock(co); err != nil {
			return err
		}
		fmt.Fprintln(w, "locked twice:", account.TryLock())
		account.Unlock()
		return nil
	})
}
