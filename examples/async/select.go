package main

import (
	"fmt"
	"io"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// selecting waits for the first of several; the others are as if nobody had waited for them.
func selecting(w io.Writer) error {
	return on(exec.Config{}, func(co *exec.Co) error {
		l := co.Local()
		queue := exec.NewQueue[string](l, 4)
		stop := exec.NewPromise[nothing](l)
		_, err := exec.Go(l, func(co *exec.Co) (nothing, error) {
			for _, word := range []string{"first", "second"} {
				if err := queue.Send(co, word); err != nil {
					return nothing{}, err
				}
			}
			if err := co.Sleep(40 * time.Millisecond); err != nil {
				return nothing{}, err
			}
			stop.Complete(nothing{})
			return nothing{}, nil
		})
		if err != nil {
			return err
		}
		for {
			var word string
			i, err := exec.Select(co, stop.Future(), queue.Receiving(&word), exec.Elapsed(30*time.Millisecond))
			switch {
			case err != nil:
				return err
			case i == 0:
				fmt.Fprintln(w, "stopped")
				return offering(w, co)
			case i == 1:
				fmt.Fprintln(w, "received", word)
			case i == 2:
				fmt.Fprintln(w, "nothing for 30 ms")
			}
		}
	})
}

// offering selects among things to do, rather than to receive: a send that needs room, and a lock that somebody has.
func offering(w io.Writer, co *exec.Co) error {
	queue, account := exec.NewQueue[int](co.Local(), 1), exec.NewMutex(co.Local())
	fmt.Fprintln(w, "the queue is full:", queue.TrySend(1), "| the account is locked:", account.TryLock())
	for _, change := range []func(){
		func() {},
		account.Unlock,
		func() { queue.TryReceive() },
	} {
		change()
		i, err := exec.Select(co, queue.Sending(2), account.Locking(), exec.Elapsed(5*time.Millisecond))
		if err != nil {
			return err
		}
		fmt.Fprintln(w, []string{"sent", "locked", "neither in 5 ms"}[i])
	}
	account.Unlock()
	return nil
}
