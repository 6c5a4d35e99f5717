package main

import (
	"fmt"
	"io"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

// simulate runs two Execs in this goroutine, on a clock that nobody waits for, in the order that a seed decides. Each of
// two bank tellers reads a balance on another Exec, thinks, and writes it back. Whether the customers' money survives
// depends on the schedule, and a schedule is a number.
func simulate(w io.Writer) error {
	lost, example := 0, uint64(0)
	for seed := uint64(1); seed <= 1000; seed++ {
		balance, err := tellers(seed)
		if err != nil {
			return err
		}
		if balance != 200 {
			lost++
			if example == 0 {
				example = seed
			}
		}
	}
	fmt.Fprintln(w, "schedules that lose money: some:", lost > 0, "| all:", lost == 1000)
	first, err := tellers(example)
	again, _ := tellers(example)
	fmt.Fprintln(w, "one of them:", first, "| replayed:", again, err)
	return nil
}

func tellers(seed uint64) (balance int, err error) {
	sim, err := exectest.New(exectest.Config{Seed: seed, Shuffle: true, WakeDelay: 3})
	if err != nil {
		return 0, err
	}
	bank, err := sim.Exec(exec.Config{Name: "bank"})
	if err != nil {
		return 0, err
	}
	office, err := sim.Exec(exec.Config{Name: "office"})
	if err != nil {
		return 0, err
	}
	deposit := func(co *exec.Co) (nothing, error) {
		b, err := exec.CallFrom(co, bank, func(*exec.Local) (int, error) { return balance, nil })
		if err != nil {
			return nothing{}, err
		}
		if err := co.Sleep(time.Duration(sim.Rand().IntN(3)) * time.Second); err != nil { // takes no time here
			return nothing{}, err
		}
		return exec.CallFrom(co, bank, func(*exec.Local) (nothing, error) { balance = b + 100; return nothing{}, nil })
	}
	for at := range time.Duration(2) {
		office.TryAfter(at*time.Second, exec.Func(func(l *exec.Local) { _, _ = exec.Go(l, deposit) }))
	}
	if err := sim.Settle(); err != nil {
		return 0, err
	}
	_, err = sim.Drain()
	return balance, err
}
