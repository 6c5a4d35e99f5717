package pools

import (
	"errors"
	"testing"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"
	"github.com/stretchr/testify/require"
)

// TestClosures: values get through pools of functions, from several senders.
func TestClosures(t *testing.T) {
	for name, open := range map[string]TaskOpener{
		"channel": SharedTasks, "ants": Ants, "multi": AntsMulti, "pond": Pond, "errgroup": ErrGroup, "go": Go,
	} {
		const producers, each = 3, 500
		r := NewRoll(0)
		p, err := Closures[message.Message](open)(Crew{Workers: 2, Bound: 8}, r.See)
		require.NoError(t, err, name)
		_, err = Together(measure.Spot{}, false, producers, func(i int) error {
			send := p.Sender()
			for k := range uint64(each) {
				if err := send(Make(i, k)); err != nil {
					return err
				}
			}
			return nil
		}, func() { r.Await(false, producers*each) })
		require.NoError(t, errors.Join(err, p.Stop(), r.Err(producers, each)), name)
	}
}

// TestRoundRobin: each worker gets every other message of a sender.
func TestRoundRobin(t *testing.T) {
	var got [2][]int
	p, err := RoundRobin(Crew{Workers: 2, Bound: 4}, func(worker, v int) { got[worker] = append(got[worker], v) })
	require.NoError(t, err)
	send := p.Sender()
	for v := range 6 {
		require.NoError(t, send(v))
	}
	require.NoError(t, p.Stop())
	require.Equal(t, [2][]int{{0, 2, 4}, {1, 3, 5}}, got)
}

// TestImpls: each peer is there pinned and unpinned, and no two are called the same.
func TestImpls(t *testing.T) {
	never := func(TaskOpener) func(measure.Spot, int) (measure.Sample, error) { return nil }
	var labels []string
	for _, im := range Tasks(never, "pond", "go") {
		labels = append(labels, im.Label())
	}
	require.Equal(t, []string{"pond", "pond-unpinned", "go", "go-unpinned"}, labels)
	labels = nil
	for _, im := range Channels(func(Opener[int]) func(measure.Spot, int) (measure.Sample, error) { return nil }) {
		labels = append(labels, im.Label())
	}
	require.Equal(t, []string{"channel", "channel-unpinned", "channel-each", "channel-each-unpinned"}, labels)
	require.Panics(t, func() { Tasks(never, "no such pool") })
}

// TestTogether: an error of one producer is the error of all, and nobody waits for what will not come.
func TestTogether(t *testing.T) {
	broken := errors.New("broken")
	d, err := Together(measure.Spot{}, false, 3, func(i int) error {
		if i == 1 {
			return broken
		}
		return nil
	}, func() { t.Error("awaited") })
	require.Equal(t, broken.Error(), err.Error())
	require.Zero(t, d)
}
