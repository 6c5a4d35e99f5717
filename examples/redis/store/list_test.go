package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A List does what a slice does.
func TestListModel(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		var l List
		var model []string
		for range 500 {
			v := fmt.Sprint(r.IntN(5))
			switch op := r.IntN(8); {
			case op == 0:
				l.PushBack([]byte(v))
				model = append(model, v)
			case op == 1:
				l.PushFront([]byte(v))
				model = slices.Insert(model, 0, v)
			case op == 2 && len(model) > 0:
				require.Equal(t, model[0], string(l.PopFront()))
				model = model[1:]
			case op == 3 && len(model) > 0:
				require.Equal(t, model[len(model)-1], string(l.PopBack()))
				model = model[:len(model)-1]
			case op == 4:
				i := r.IntN(len(model) + 1)
				l.Insert(i, []byte(v))
				model = slices.Insert(slices.Clone(model), i, v)
			case op == 5 && len(model) > 0:
				i := r.IntN(len(model))
				l.Set(i, []byte(v))
				model[i] = v
			case op == 6 && r.IntN(4) == 0:
				from, to := r.IntN(len(model)+1), r.IntN(len(model)+1)
				if from > to {
					from, to = to, from
				}
				l.Trim(from, to-1)
				model = slices.Clone(model[from:to])
			case op == 7:
				left, back := r.IntN(3)+1, r.IntN(2) == 0
				want := slices.Clone(model)
				for ; left > 0; left-- {
					i := slices.Index(want, v)
					if back {
						slices.Reverse(want)
						if i = slices.Index(want, v); i >= 0 {
							want = slices.Delete(want, i, i+1)
						}
						slices.Reverse(want)
					} else if i >= 0 {
						want = slices.Delete(want, i, i+1)
					}
				}
				n := len(model) - len(want)
				most := n
				require.Equal(t, n, l.Keep(back, func(have []byte) bool {
					if most == 0 || string(have) != v {
						return true
					}
					most--
					return false
				}))
				model = want
			}
			require.Equal(t, len(model), l.Len())
			for i, want := range model {
				require.Equal(t, want, string(l.At(i)))
			}
		}
	}
}
