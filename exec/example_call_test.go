package exec_test

import (
	"context"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// started returns an Exec that runs.
func started(name string) *exec.Exec {
	x, err := exec.New(exec.Config{Name: name})
	if err == nil {
		err = x.Start()
	}
	if err != nil {
		panic(err)
	}
	return x
}

// A goroutine asks a loop for something that only the loop may touch.
func ExampleCall() {
	x := started("counter")
	count := 0 // the loop's own: needs no lock
	ctx := context.Background()
	for range 3 {
		n, err := exec.Call(ctx, x, func(*exec.Local) (int, error) {
			count++
			return count, nil
		})
		fmt.Println(n, err)
	}
	_, _ = x.Drain(ctx)
	_, err := exec.Call(ctx, x, func(*exec.Local) (int, error) { return count, nil })
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 3 <nil>
	// exec: closed
}

// One Exec asks another. Neither loop waits: only the coroutine does.
func ExampleCallFrom() {
	prices, orders := started("prices"), started("orders")
	price := map[string]int{"apple": 30, "pear": 45} // of the loop of prices
	ctx := context.Background()
	total, err := exec.CallGo(ctx, orders, func(co *exec.Co) (total int, err error) {
		for _, fruit := range []string{"apple", "pear", "apple"} {
			p, err := exec.CallFrom(co, prices, func(*exec.Local) (int, error) { return price[fruit], nil })
			if err != nil {
				return 0, err
			}
			total += p
		}
		return total, nil
	})
	fmt.Println(total, err)
	_, _ = orders.Drain(ctx)
	_, _ = prices.Drain(ctx)
	// Output: 105 <nil>
}

// A coroutine receives what anyone sends, one by one, until the Exec is drained.
func ExampleMailbox() {
	x, err := exec.New(exec.Config{})
	if err != nil {
		panic(err)
	}
	mail, err := exec.NewMailbox(x, exec.InboxConfig[string]{Cap: 100})
	if err != nil {
		panic(err)
	}
	x.TrySend(exec.Func(func(l *exec.Local) {
		_, _ = exec.Go(l, func(co *exec.Co) (int, error) {
			for {
				word, err := mail.Receive(co)
				if err != nil {
					fmt.Println(err)
					return 0, nil
				}
				fmt.Println(word)
			}
		})
	}))
	_ = x.Start()
	for _, word := range []string{"to", "be", "or"} {
		_ = mail.Send(context.Background(), word)
	}
	_, _ = x.Drain(context.Background())
	// Output:
	// to
	// be
	// or
	// exec: closed
}

// What blocks is done elsewhere, while the loop goes on.
func ExampleBlocking() {
	x := started("loop")
	v, err := exec.CallGo(context.Background(), x, func(co *exec.Co) (string, error) {
		return exec.Blocking(co, func() (string, error) {
			time.Sleep(time.Millisecond) // a file, a library that locks, a long computation
			return "read", nil
		})
	})
	fmt.Println(v, err)
	_, _ = x.Drain(context.Background())
	// Output: read <nil>
}
