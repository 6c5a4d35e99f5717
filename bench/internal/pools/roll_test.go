package pools

import (
	"testing"

	"github.com/pushcore/pushcore/bench/internal/message"
	"github.com/stretchr/testify/require"
)

// seen is a message and whose account it is on.
type seen struct {
	worker, producer int
	i                uint64
}

// TestRoll: the account finds what is lost, doubled, changed, or out of a producer's order.
func TestRoll(t *testing.T) {
	complete := []seen{{0, 0, 0}, {1, 0, 1}, {0, 1, 0}, {0, 0, 2}, {1, 1, 1}, {1, 1, 2}}
	byAnyone := []seen{{-1, 0, 2}, {-1, 1, 0}, {-1, 0, 0}, {-1, 1, 2}, {-1, 0, 1}, {-1, 1, 1}}
	swapped := []seen{{0, 0, 1}, {0, 0, 0}, {0, 1, 0}, {0, 0, 2}, {1, 1, 1}, {1, 1, 2}}
	race := []seen{{1, 1, 2}, {0, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 2}, {0, 1, 1}}
	equalSum := []seen{{-1, 0, 1}, {-1, 0, 1}, {-1, 0, 1}, {-1, 1, 0}, {-1, 1, 1}, {-1, 1, 2}} // 1, 1 for 0, 2
	for name, c := range map[string]struct {
		seen         []seen
		right, loose bool // right, and right where order does not count
	}{
		"complete":                    {complete, true, true},
		"of Anyone":                   {byAnyone, true, true},
		"lost":                        {complete[:5], false, false},
		"the first lost":              {complete[1:], false, false},
		"doubled":                     {append(complete[:6:6], seen{1, 1, 2}), false, false},
		"doubled elsewhere":           {append(complete[:6:6], seen{0, 0, 1}), false, false},
		"doubled by Anyone":           {append(complete[:6:6], seen{-1, 0, 0}), false, false},
		"one lost, another doubled":   {append(complete[:5:5], seen{0, 0, 2}), false, false},
		"lost here, doubled there":    {append(complete[:5:5], seen{1, 0, 2}), false, false},
		"swapped":                     {swapped, false, true},
		"in order, workers in a race": {race, true, true},
		"of equal sum":                {equalSum, false, false},
	} {
		for _, loose := range []bool{false, true} {
			r := NewRoll(2)
			r.Loose = loose
			for _, s := range c.seen {
				r.See(s.worker, Make(s.producer, s.i))
			}
			require.Equal(t, len(c.seen), r.Seen())
			if c.right || loose && c.loose {
				require.NoError(t, r.Err(2, 3), name)
			} else {
				require.ErrorContains(t, r.Err(2, 3), "data error", name)
			}
		}
	}
	for _, worker := range []int{0, Anyone} {
		r := NewRoll(1)
		r.See(worker, message.Message{Seq: 0, Body: 1})
		require.ErrorContains(t, r.Err(1, 1), "1 of them changed")
	}
}

// TestRollShows: what a worker has seen counts when it is shown.
func TestRollShows(t *testing.T) {
	r := NewRoll(1)
	p := r.Place(0)
	p.See(Make(0, 0))
	require.Zero(t, r.Seen())
	p.Show()
	require.Equal(t, 1, r.Seen())
	r.Await(false, 1)
}
