package exec_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Cycles of Execs that call each other with more than fits their lanes do not lock up.
// Some of the calls are passed around the whole cycle by nested calls. (Each of these keeps
// its room until it is answered, so there are fewer of them than a lane has room for.)
func TestCallFromCyclesUnderLoad(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		for _, size := range []int{2, 3} {
			newCycle(w, size).run()
		}
	})
}

type callCycle struct {
	w     *world
	execs []*exec.Exec
}

func newCycle(w *world, size int) *callCycle {
	c := &callCycle{w, make([]*exec.Exec, size)}
	for i := range c.execs {
		c.execs[i] = w.exec(exec.Config{InboxCap: 1, Burst: 3})
	}
	return c
}

// pass calls the next one, which passes it on, and returns how many did.
func (c *callCycle) pass(co *exec.Co, at, hops int) (int, error) {
	next := (at + 1) % len(c.execs)
	if hops == 0 {
		return exec.CallFrom(co, c.execs[next], answer(1))
	}
	v, err := exec.CallGoFrom(co, c.execs[next], func(co *exec.Co) (int, error) { return c.pass(co, next, hops-1) })
	return v + 1, err
}

// drive starts calls on one of the Execs and adds up their answers.
func (c *callCycle) drive(at, nested, plain int) (int, error) {
	return in(c.w, c.execs[at], func(co *exec.Co) (sum int, err error) {
		set := exec.NewJoinSet[int](co.Local())
		for i := range nested + plain {
			hops := 0
			if i < nested {
				hops = len(c.execs)
			}
			require.NoError(c.w.t, set.Go(func(co *exec.Co) (int, error) { return c.pass(co, at, hops) }))
		}
		for {
			v, ok, err := set.Next(co)
			if !ok || err != nil {
				return sum, err
			}
			sum += v
		}
	})
}

func (c *callCycle) run() {
	const nested = 60
	plain := sized(300, 600, 5000)
	var all sync.WaitGroup
	for at := range c.execs {
		one := func() {
			v, err := c.drive(at, nested, plain)
			require.NoError(c.w.t, err)
			require.Equal(c.w.t, nested*(len(c.execs)+1)+plain, v)
		}
		if c.w.stepped {
			one()
		} else {
			all.Go(one)
		}
	}
	all.Wait()
}

// Many Execs call one, each through a way of its own, and each gets its own answers.
func TestCallFromManyExecsToOne(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		y := w.exec(exec.Config{})
		const callers = 8
		n := sized(20, 100, 2000)
		sums := make([]int, callers)
		total := 0 // y's own
		var all sync.WaitGroup
		for i := range callers {
			x := w.exec(exec.Config{})
			one := func() {
				var err error
				sums[i], err = in(w, x, func(co *exec.Co) (sum int, err error) {
					for k := range n {
						v, err := exec.CallFrom(co, y, func(*exec.Local) (int, error) { total++; return i*n + k, nil })
						if err != nil {
							return 0, err
						}
						sum += v - i*n
					}
					return sum, nil
				})
				require.NoError(t, err)
			}
			if w.stepped {
				one()
			} else {
				all.Go(one)
			}
		}
		all.Wait()
		for _, sum := range sums {
			require.Equal(t, n*(n-1)/2, sum)
		}
		got, err := peek(w, y, func(*exec.Local) (int, error) { return total, nil })
		require.NoError(t, err)
		require.Equal(t, callers*n, got)
	})
}

// peek reads what belongs to the loop of x.
func peek[T any](w *world, x *exec.Exec, f func(l *exec.Local) (T, error)) (T, error) {
	return in(w, x, func(co *exec.Co) (T, error) { return f(co.Local()) })
}
