package group_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// invokers are the places from which code is brought to shards.
type invoker struct {
	on        func(s *group.Sharded[*shard], i int, f group.Invoked[*shard, int]) (int, error)
	key       func(s *group.Sharded[*shard], key uint64, f group.Invoked[*shard, int]) (int, error)
	all       func(s *group.Sharded[*shard], f group.Invoked[*shard, int]) ([]int, error)
	mapReduce func(s *group.Sharded[*shard], f group.Invoked[*shard, int]) (string, error)
}

func list(r string, v int) string { return fmt.Sprint(r, " ", v) }

var outside = invoker{
	on: func(s *group.Sharded[*shard], i int, f group.Invoked[*shard, int]) (int, error) {
		return group.InvokeOn(context.Background(), s, i, f)
	},
	key: func(s *group.Sharded[*shard], key uint64, f group.Invoked[*shard, int]) (int, error) {
		return group.InvokeKey(context.Background(), s, key, f)
	},
	all: func(s *group.Sharded[*shard], f group.Invoked[*shard, int]) ([]int, error) {
		return group.InvokeAll(context.Background(), s, f)
	},
	mapReduce: func(s *group.Sharded[*shard], f group.Invoked[*shard, int]) (string, error) {
		return group.MapReduce(context.Background(), s, f, "r", list)
	},
}

func inside(co *exec.Co) invoker {
	return invoker{
		on: func(s *group.Sharded[*shard], i int, f group.Invoked[*shard, int]) (int, error) {
			return group.InvokeOnFrom(co, s, i, f)
		},
		key: func(s *group.Sharded[*shard], key uint64, f group.Invoked[*shard, int]) (int, error) {
			return group.InvokeKeyFrom(co, s, key, f)
		},
		all: func(s *group.Sharded[*shard], f group.Invoked[*shard, int]) ([]int, error) {
			return group.InvokeAllFrom(co, s, f)
		},
		mapReduce: func(s *group.Sharded[*shard], f group.Invoked[*shard, int]) (string, error) {
			return group.MapReduceFrom(co, s, f, "r", list)
		},
	}
}

// everywhere runs test outside, on a worker, and on an Exec outside the group.
func everywhere(t *testing.T, test func(t *testing.T, v invoker, s *group.Sharded[*shard])) {
	survive := exec.Config{OnPanic: func(exec.Panic) {}}
	t.Run("outside", func(t *testing.T) {
		_, s := sharded(t, 3, survive)
		test(t, outside, s)
	})
	t.Run("worker", func(t *testing.T) {
		g, s := sharded(t, 3, survive)
		_, err := exec.CallGo(within(30*time.Second), g.Exec(1), func(co *exec.Co) (int, error) {
			test(t, inside(co), s)
			return 0, nil
		})
		require.NoError(t, err)
	})
	t.Run("foreign Exec", func(t *testing.T) {
		_, s := sharded(t, 3, survive)
		x, err := exec.New(survive)
		require.NoError(t, err)
		require.NoError(t, from(t, x, func(co *exec.Co) error { test(t, inside(co), s); return nil }))
	})
}

// number returns which shard it is, and ten times the calls before.
func number(l *exec.Local, s **shard) (int, error) {
	if l != (*s).loop {
		return 0, errors.New("on another loop")
	}
	(*s).n++
	return (*s).id + 10*(*s).n, nil
}

func TestInvoke(t *testing.T) {
	everywhere(t, func(t *testing.T, v invoker, s *group.Sharded[*shard]) {
		for i := range 3 {
			n, err := v.on(s, i, number)
			require.NoError(t, err)
			require.Equal(t, 10+i, n)
		}
		all, err := v.all(s, number)
		require.NoError(t, err)
		require.Equal(t, []int{20, 21, 22}, all, "in the order of the shards")
		sum, err := v.mapReduce(s, number)
		require.NoError(t, err)
		require.Equal(t, "r 30 31 32", sum, "in the order of the shards")
		for key := range uint64(20) {
			n, err := v.key(s, key, number)
			require.NoError(t, err)
			require.Equal(t, s.ShardOf(key), n%10)
		}
	})
}

// Errors say which shard they come from, and are all there; the others' results, too.
func TestInvokeAllThatFails(t *testing.T) {
	wrong := errors.New("wrong")
	everywhere(t, func(t *testing.T, v invoker, s *group.Sharded[*shard]) {
		_, err := v.on(s, 1, func(*exec.Local, **shard) (int, error) { return 0, wrong })
		require.Equal(t, wrong, err)
		fails := func(_ *exec.Local, s **shard) (int, error) {
			if (*s).id == 1 {
				return 9, nil
			}
			return 7, wrong
		}
		all, err := v.all(s, fails)
		require.EqualError(t, err, "shard 0: wrong\nshard 2: wrong")
		require.ErrorIs(t, err, wrong)
		require.Equal(t, []int{7, 9, 7}, all)
		r, err := v.mapReduce(s, fails)
		require.EqualError(t, err, "shard 0: wrong\nshard 2: wrong")
		require.Equal(t, "r", r, "nothing is reduced")

		for bad := range 3 {
			all, err = v.all(s, func(_ *exec.Local, s **shard) (int, error) {
				if (*s).id == bad {
					panic(wrong)
				}
				return (*s).id, nil
			})
			var p exec.Panic
			require.ErrorAs(t, err, &p)
			require.ErrorContains(t, err, fmt.Sprintf("shard %d: exec: it/", bad))
			want := []int{0, 1, 2}
			want[bad] = 0
			require.Equal(t, want, all)
		}
	})
}

func TestInvokeOfANilFunction(t *testing.T) {
	everywhere(t, func(t *testing.T, v invoker, s *group.Sharded[*shard]) {
		const want = "group: it: a nil function was to be invoked on a shard"
		require.PanicsWithValue(t, want, func() { _, _ = v.on(s, 0, nil) })
		require.PanicsWithValue(t, want, func() { _, _ = v.key(s, 0, nil) })
		require.PanicsWithValue(t, want, func() { _, _ = v.all(s, nil) })
		require.PanicsWithValue(t, want, func() { _, _ = v.mapReduce(s, nil) })
	})
}

// Nothing is run then.
func TestMapReduceWithANilReduce(t *testing.T) {
	const want = "group: it: a nil function was to reduce what the shards return"
	g, s := sharded(t, 2, exec.Config{})
	require.PanicsWithValue(t, want, func() {
		_, _ = group.MapReduce[*shard, int, int](context.Background(), s, count, 0, nil)
	})
	inside := make(chan any, 1)
	cos(t, g, 0, 1, func(co *exec.Co) error {
		defer func() { inside <- recover() }()
		_, err := group.MapReduceFrom[*shard, int, int](co, s, count, 0, nil)
		return err
	})
	require.Equal(t, want, <-inside)
	drain(t, g)
	for _, state := range group.States(s) {
		require.Zero(t, (*state).n)
	}
}

// The blocking forms are refused on a loop.
func TestInvokeOutsideFormsOnALoop(t *testing.T) {
	g, s := sharded(t, 2, exec.Config{})
	_, err := exec.CallGo(within(30*time.Second), g.Exec(0), func(*exec.Co) (int, error) {
		_, err := outside.on(s, 1, count)
		require.Equal(t, exec.ErrOnLoop, err)
		_, err = outside.all(s, count)
		require.Equal(t, exec.ErrOnLoop, err)
		_, err = outside.mapReduce(s, count)
		require.Equal(t, exec.ErrOnLoop, err)
		return outside.key(s, 1, count)
	})
	require.Equal(t, exec.ErrOnLoop, err)
}

// A group that has ended answers with ErrClosed for every shard.
func TestInvokeAfterTheEnd(t *testing.T) {
	g, s := sharded(t, 2, exec.Config{})
	drain(t, g)
	_, err := outside.all(s, count)
	require.ErrorIs(t, err, exec.ErrClosed)
	require.ErrorContains(t, err, "shard 0: ")
	require.ErrorContains(t, err, "shard 1: ")
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	require.NoError(t, from(t, x, func(co *exec.Co) error {
		_, err := inside(co).all(s, count)
		require.ErrorIs(t, err, exec.ErrClosed)
		require.ErrorContains(t, err, "shard 1: ")
		return nil
	}))
}

// A wait that ends early ends the whole of it, and leaves no coroutine behind.
func TestInvokeAllThatTakesTooLong(t *testing.T) {
	_, s := sharded(t, 2, exec.Config{})
	release := make(chan struct{})
	slow := func(*exec.Local, **shard) (int, error) { <-release; return 0, nil }
	short, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := group.InvokeAll(short, s, slow)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	require.NoError(t, from(t, x, func(co *exec.Co) error {
		err := co.Within(time.Millisecond, func() error {
			all, err := group.InvokeAllFrom(co, s, slow)
			require.Nil(t, all)
			return err
		})
		require.ErrorIs(t, err, exec.ErrTimeout)
		require.NoError(t, co.Yield())
		require.NoError(t, co.Yield())
		require.Equal(t, 1, co.Local().Stats().Coroutines)
		return nil
	}))
	close(release)
}

// Everybody touches every shard at once, by every way there is: only its own loop touches
// the state, which is plain memory.
func TestShardsAreTouchedByTheirLoopsOnly(t *testing.T) {
	g, s := sharded(t, 3, exec.Config{})
	n := 200
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for range n {
				_, err := outside.all(s, count)
				require.NoError(t, err)
			}
		})
	}
	for id := range 3 {
		all.Go(func() {
			_, err := exec.CallGo(within(30*time.Second), g.Exec(id), func(co *exec.Co) (int, error) {
				for i := range n {
					(*s.Here(co.Local())).n++
					if _, err := inside(co).on(s, i%3, count); err != nil {
						return 0, err
					}
				}
				return 0, nil
			})
			require.NoError(t, err)
		})
	}
	all.Wait()
	sum, err := group.MapReduce(context.Background(), s, func(_ *exec.Local, s **shard) (int, error) { return (*s).n, nil }, 0,
		func(a, b int) int { return a + b })
	require.NoError(t, err)
	require.Equal(t, 2*3*n+3*2*n, sum)
}
