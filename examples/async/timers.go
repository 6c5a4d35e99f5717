package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// timers belong to their loop. Arming, moving and stopping one costs the same with a million others armed.
func timers(w io.Writer) error {
	return on(exec.Config{}, func(co *exec.Co) error {
		l := co.Local()
		say := func(what string) exec.Task { return exec.Func(func(*exec.Local) { fmt.Fprintln(w, what) }) }
		const ms = time.Millisecond
		l.After(20*ms, say("after 20 ms"))
		l.At(l.Now()+10*ms, say("at 10 ms from now"))
		late, _ := l.After(5*ms, say("after 5 ms, moved to 30"))
		late.Reset(30 * ms)
		never, _ := l.After(15*ms, say("this is not printed"))
		fmt.Fprintln(w, "stopped:", never.Stop(), "again:", never.Stop())

		start := l.Now()
		if err := co.Sleep(50 * ms); err != nil {
			return err
		}
		fmt.Fprintln(w, "slept at least 50 ms:", l.Now()-start >= 50*ms)

		ticks := 0
		var tick exec.Timer
		tick, _ = l.Every(ms, exec.Func(func(*exec.Local) {
			if ticks++; ticks == 3 {
				fmt.Fprintln(w, "the third tick of 1 ms")
				tick.Stop()
			}
		}))
		for ticks < 3 {
			if err := co.Sleep(ms); err != nil {
				return err
			}
		}

		// One limit for every wait inside, whatever it waits for.
		err := co.Within(10*ms, func() error {
			_, err := exec.NewPromise[int](l).Future().Await(co) // nobody completes it
			return err
		})
		fmt.Fprintln(w, err, errors.Is(err, exec.ErrTimeout))
		return nil
	})
}
