package group_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// A handler that emits for items that it holds back spends credits that these should keep,
// once; then it is refused until it has made up for them.
func TestForwardsOfHeldItemsAreCounted(t *testing.T) {
	const limit, workers = 4, 2
	flying, most, refused := 0, 0, 0
	emit := func(batch []bool) int { return len(batch) }
	var g *group.Group[bool] // true: a forwarded item
	var err error
	g, err = group.New(group.Config[bool]{
		Workers: workers, MaxForwards: limit, Depth: 16,
		Exec: exec.Config{Burst: limit},
		Worker: func(l *exec.Local, id int) (group.Handler[bool], error) {
			f, err := g.Forwarder(l)
			return group.HandlerFunc[bool](func(_ *exec.Local, batch []bool) int {
				if batch[0] {
					flying--
				}
				for range emit(batch) {
					switch err := f.SendTo(1-id, true); {
					case err == nil:
						flying++
					case errors.Is(err, group.ErrFull):
						refused++
					default:
						t.Error(err)
					}
				}
				most = max(most, flying)
				return 1
			}), err
		},
	})
	require.NoError(t, err)
	for range 32 {
		_ = g.TrySend(false)
	}
	step := func(turns int) {
		for range turns {
			for i := range workers {
				g.Exec(i).Step()
			}
		}
	}
	step(1000)
	require.Positive(t, refused)
	require.LessOrEqual(t, most, limit+workers*(limit-1))
	emit = func([]bool) int { return 0 }
	step(1000)
	require.Zero(t, flying)

	// Every credit has come back, and none is too many.
	emit = func([]bool) int { return 1 }
	refused, most = 0, 0
	for range 16 { // as many as one worker's ring holds
		require.NoError(t, g.TrySend(false))
	}
	step(1000)
	require.Equal(t, limit, most)
	require.Zero(t, refused)
}
