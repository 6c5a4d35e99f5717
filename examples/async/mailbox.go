package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/pushcore/pushcore/exec"
)

// mailbox: goroutines and other Execs send, a coroutine receives. What it has not received is back-pressure.
func mailbox(w io.Writer) error {
	x, err := exec.New(exec.Config{})
	if err != nil {
		return err
	}
	box, err := exec.NewMailbox(x, exec.InboxConfig[int]{Cap: 4})
	if err != nil {
		return err
	}
	accepted := 0
	for i := range 10 {
		if box.TrySend(i) {
			accepted++
		}
	}
	fmt.Fprintln(w, "accepted while nobody receives:", accepted)
	box.Close()
	sum := make(chan int, 1)
	x.TrySend(exec.Func(func(l *exec.Local) {
		_, _ = exec.Go(l, func(co *exec.Co) (nothing, error) {
			total := 0
			for {
				v, err := box.Receive(co)
				if errors.Is(err, exec.ErrClosed) {
					sum <- total
					return nothing{}, nil
				}
				total += v
			}
		})
	}))
	if err := x.Start(); err != nil {
		return err
	}
	fmt.Fprintln(w, "received in all:", <-sum)
	x.Stop()
	return x.Wait()
}
