package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// calls run a function where its data is. No loop is blocked meanwhile, and no lock is taken.
func calls(w io.Writer) error {
	store, err := exec.New(exec.Config{Name: "store"})
	if err != nil {
		return err
	}
	if err := store.Start(); err != nil {
		return err
	}
	stock := map[string]int{"apples": 3} // touched on store's loop only
	take := func(what string) func(*exec.Local) (int, error) {
		return func(*exec.Local) (int, error) {
			if stock[what] == 0 {
				return 0, fmt.Errorf("no %s left", what)
			}
			stock[what]--
			return stock[what], nil
		}
	}

	left, err := exec.Call(context.Background(), store, take("apples")) // from outside
	fmt.Fprintln(w, "left:", left, err)

	err = on(exec.Config{Name: "shop"}, func(co *exec.Co) error {
		for range 3 {
			left, err := exec.CallFrom(co, store, take("apples")) // from a coroutine of another Exec
			fmt.Fprintln(w, "left:", left, err)
		}
		left, err := exec.CallGoFrom(co, store, func(co *exec.Co) (int, error) { // as a coroutine of the other
			err := co.Sleep(5 * time.Millisecond) // a delivery is on its way; the store goes on meanwhile
			stock["apples"] += 10
			return stock["apples"], err
		})
		fmt.Fprintln(w, "after a delivery:", left, err)
		store.Stop()
		_, err = exec.Blocking(co, func() (nothing, error) { return nothing{}, store.Wait() })
		if err != nil {
			return err
		}
		_, err = exec.CallFrom(co, store, take("apples"))
		fmt.Fprintln(w, "after its end:", err)
		return nil
	})
	return err
}
