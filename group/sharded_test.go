package group_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// shard is the state of one worker in these tests: nothing in it is atomic.
type shard struct {
	id   int
	loop *exec.Local
	n    int
	seen map[uint64]int
}

func newShard(l *exec.Local, id int) (*shard, error) {
	return &shard{id: id, loop: l, seen: map[uint64]int{}}, nil
}

// ignore is a worker that drops what it gets.
func ignore[T any](*exec.Local, int) (group.Handler[T], error) {
	return group.HandlerFunc[T](func(_ *exec.Local, batch []T) int { return len(batch) }), nil
}

// sharded returns a started group of n workers with state.
func sharded(t testing.TB, n int, cfg exec.Config) (*group.Group[int], *group.Sharded[*shard]) {
	t.Helper()
	g := newGroup(t, group.Config[int]{Name: "it", Workers: n, Worker: ignore[int], Exec: cfg})
	s, err := group.NewSharded(g, newShard)
	require.NoError(t, err)
	require.NoError(t, g.Start())
	t.Cleanup(func() {
		g.Stop()
		_ = g.Wait()
	})
	return g, s
}

// The state is made on its worker's loop, before Config.Worker and after OnStart, and any
// number of them may be added.
func TestShardedIsMadeOnItsWorker(t *testing.T) {
	var order [2][]string
	say := func(id int, what string) error { order[id] = append(order[id], what); return nil }
	g := newGroup(t, group.Config[int]{Workers: 2, Worker: func(l *exec.Local, id int) (group.Handler[int], error) {
		_ = say(id, "worker")
		return ignore[int](l, id)
	}})
	a, err := group.NewSharded(g, func(l *exec.Local, id int) (string, error) {
		require.Equal(t, g.Exec(id), l.Exec())
		l.Now() // on its loop, as checked builds see
		return fmt.Sprint("a", id), say(id, "a")
	})
	require.NoError(t, err)
	b, err := group.NewSharded(g, func(l *exec.Local, id int) (int, error) {
		require.Equal(t, fmt.Sprint("a", id), *a.Here(l), "what was added before is there")
		return 10 + id, say(id, "b")
	})
	require.NoError(t, err)
	require.NoError(t, g.Start())
	require.Equal(t, 2, a.Shards())
	for id := range 2 {
		v, err := group.InvokeOn(context.Background(), b, id, func(l *exec.Local, n *int) (string, error) {
			return fmt.Sprint(*a.Here(l), *n), nil
		})
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("a%d%d", id, 10+id), v)
	}
	drain(t, g)
	for id := range 2 {
		require.Equal(t, []string{"a", "b", "worker"}, order[id])
	}
}

// An error of create ends the start of the group, and the workers that had started.
func TestShardedThatCannotBeMade(t *testing.T) {
	wrong := errors.New("wrong")
	g := newGroup(t, group.Config[int]{Name: "it", Workers: 3, Worker: ignore[int]})
	_, err := group.NewSharded(g, func(_ *exec.Local, id int) (int, error) {
		if id == 1 {
			return 0, wrong
		}
		return 0, nil
	})
	require.NoError(t, err)
	err = g.Start()
	require.ErrorIs(t, err, wrong)
	require.ErrorContains(t, err, "group: it: worker 1: ")
	require.ErrorIs(t, g.Wait(), wrong)
	for id := range 3 {
		require.True(t, g.Exec(id).Ended())
	}
	require.ErrorIs(t, g.TrySend(1), group.ErrClosed)
}

func TestShardedAfterStart(t *testing.T) {
	g, _ := sharded(t, 1, exec.Config{})
	_, err := group.NewSharded(g, newShard)
	require.ErrorIs(t, err, group.ErrStarted)
	require.ErrorContains(t, err, "group: it: state can be added before Start")
}

func TestShardedOfANilFunction(t *testing.T) {
	g := newGroup(t, group.Config[int]{Name: "it", Worker: ignore[int]})
	const want = "group: it: NewSharded with a nil function: there would be no state"
	require.PanicsWithValue(t, want, func() { _, _ = group.NewSharded[int](g, nil) })
	_, err := group.NewSharded(g, newShard)
	require.NoError(t, err, "it holds no lock")
}

// Code that is there before the shard is told so, rather than given none.
func TestShardedHereBeforeItIsMade(t *testing.T) {
	var b *group.Sharded[int]
	said := map[string]any{} // by the one worker
	ask := func(who string, l *exec.Local) {
		defer func() { said[who] = recover() }()
		b.Here(l)
	}
	g := newGroup(t, group.Config[int]{Name: "it", Worker: ignore[int], Exec: exec.Config{OnStart: func(l *exec.Local) error {
		ask("OnStart", l)
		return nil
	}}})
	_, err := group.NewSharded(g, func(l *exec.Local, _ int) (int, error) { ask("before", l); return 0, nil })
	require.NoError(t, err)
	b, err = group.NewSharded(g, func(l *exec.Local, _ int) (int, error) { ask("itself", l); return 7, nil })
	require.NoError(t, err)
	_, err = group.NewSharded(g, func(l *exec.Local, _ int) (int, error) { return *b.Here(l), nil })
	require.NoError(t, err)
	require.NoError(t, g.Start())
	drain(t, g)
	const want = "group: it: worker 0 asked for its shard before it was made: shards are made after OnStart, in the order of NewSharded"
	require.Equal(t, map[string]any{"OnStart": want, "before": want, "itself": want}, said)
}

func TestShardThatDoesNotExist(t *testing.T) {
	_, s := sharded(t, 2, exec.Config{})
	for _, i := range []int{-1, 2} {
		want := fmt.Sprintf("group: it: shard %d does not exist: it must be from 0 to 1", i)
		_, err := group.InvokeOn(context.Background(), s, i, count)
		require.EqualError(t, err, want)
		x, err := exec.New(exec.Config{})
		require.NoError(t, err)
		require.EqualError(t, from(t, x, func(co *exec.Co) error {
			_, err := group.InvokeOnFrom(co, s, i, count)
			return err
		}), want)
	}
}

// count counts its calls.
func count(_ *exec.Local, s **shard) (int, error) { (*s).n++; return (*s).n, nil }

// from runs f as a coroutine of x, which it starts and ends.
func from(t testing.TB, x *exec.Exec, f func(co *exec.Co) error) error {
	t.Helper()
	require.NoError(t, x.Start())
	_, err := exec.CallGo(within(30*1e9), x, func(co *exec.Co) (int, error) { return 0, f(co) })
	x.Stop()
	_ = x.Wait()
	return err
}

// Here is for the group's own workers.
func TestShardedHere(t *testing.T) {
	g, s := sharded(t, 2, exec.Config{})
	for id := range 2 {
		v, err := exec.Call(context.Background(), g.Exec(id), func(l *exec.Local) (*shard, error) { return *s.Here(l), nil })
		require.NoError(t, err)
		require.Equal(t, id, v.id)
	}
	x, err := exec.New(exec.Config{Name: "stranger", OnPanic: func(exec.Panic) {}})
	require.NoError(t, err)
	require.NoError(t, x.Start())
	_, err = exec.Call(context.Background(), x, func(l *exec.Local) (*shard, error) { return *s.Here(l), nil })
	var p exec.Panic
	require.ErrorAs(t, err, &p)
	require.Equal(t, `group: Exec "stranger" asked for its shard of group "it", of which it is no worker`, p.Value)
	x.Stop()
	require.NoError(t, x.Wait())
}

// ShardOf is where balance.KeyHash sends the items of a key: the handler finds what
// InvokeKey has put there.
func TestShardOfAKeyIsWhereItsItemsGo(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 7} {
		var s *group.Sharded[*shard]
		g := newGroup(t, group.Config[uint64]{
			Workers: workers, Balance: balance.KeyHash(), Key: func(k *uint64) uint64 { return *k },
			OnFull: group.Block(context.Background()),
			Worker: func(l *exec.Local, id int) (group.Handler[uint64], error) {
				return group.HandlerFunc[uint64](func(l *exec.Local, batch []uint64) int {
					for _, key := range batch {
						(*s.Here(l)).seen[key] += 10
					}
					return len(batch)
				}), nil
			},
		})
		s, _ = group.NewSharded(g, newShard)
		require.NoError(t, g.Start())
		p := producer(t, g)
		const keys = 200
		for i := range uint64(keys) {
			key := i * 0x9e3779b97f4a7c15
			require.NoError(t, p.Send(key))
			at, err := group.InvokeKey(context.Background(), s, key, func(l *exec.Local, s **shard) (int, error) {
				require.Equal(t, (*s).loop, l)
				(*s).seen[key]++
				return (*s).id, nil
			})
			require.NoError(t, err)
			require.Equal(t, s.ShardOf(key), at)
		}
		drain(t, g)
		require.Equal(t, workers, s.Shards())
		require.Equal(t, keys, total(t, s))
	}
}

// total counts the keys that were seen by both an item and a call, and by nothing else. The
// group has ended.
func total(t *testing.T, s *group.Sharded[*shard]) (n int) {
	for _, state := range group.States(s) {
		for _, v := range (*state).seen {
			require.Equal(t, 11, v)
			n++
		}
	}
	return n
}
