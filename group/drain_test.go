package group_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

func TestDrainRacesWithProducers(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			var handled [2]int
			g := newGroup(t, group.Config[int]{Workers: 2, Depth: 4, Exec: exec.Config{OnPanic: func(exec.Panic) {}},
				Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
					return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
						for _, v := range batch {
							if v%97 == 0 {
								panic("planted")
							}
						}
						handled[id] += len(batch)
						return len(batch)
					}), nil
				}})
			require.NoError(t, g.Start())
			var accepted atomic.Int64
			var wg sync.WaitGroup
			for id := range 8 {
				p := producer(t, g)
				wg.Go(func() {
					for i := id; ; i++ {
						var err error
						switch i % 4 {
						case 0:
							if err = p.Send(i); err == nil {
								accepted.Add(1)
							}
						case 1:
							var rest []int
							rest, err = p.SendBatch([]int{i, i, i})
							accepted.Add(int64(3 - len(rest)))
						case 2:
							if err = g.TrySend(i); err == nil {
								accepted.Add(1)
							}
						case 3:
							n := 0
							for range 3 {
								if p.Stage(i) == nil {
									n++
								}
							}
							var rest []int
							rest, err = p.Flush()
							accepted.Add(int64(n - len(rest)))
						}
						if errors.Is(err, group.ErrClosed) {
							return
						}
					}
				})
			}
			time.Sleep(time.Duration(round%5) * time.Millisecond)
			undone := drain(t, g)
			wg.Wait()
			s := balanced(t, g)
			require.EqualValues(t, accepted.Load(), s.Accepted, "what producers were told")
			require.EqualValues(t, accepted.Load(), handled[0]+handled[1]+int(s.Failed)+len(undone))
		})
	}
}

func TestStopThenDrainReturnsTheRest(t *testing.T) {
	block := make(chan struct{})
	var once sync.Once
	entered := make(chan struct{})
	g := newGroup(t, group.Config[int]{Worker: func(*exec.Local, int) (group.Handler[int], error) {
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			once.Do(func() { close(entered) })
			<-block
			return 1
		}), nil
	}})
	require.NoError(t, g.Start())
	p := producer(t, g)
	for i := range 10 {
		require.NoError(t, p.Send(i))
	}
	<-entered
	undone, err := g.Drain(within(10 * time.Millisecond))
	require.ErrorIs(t, err, exec.ErrRunning)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, undone)
	close(block)
	require.NoError(t, g.Wait())
	undone = drain(t, g)
	s := balanced(t, g)
	require.EqualValues(t, 10, int(s.Executed)+len(undone))
	require.Equal(t, 9, undone[len(undone)-1])
}
