package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Calls may nest, to and fro, as deep as there are coroutines: a call keeps no place that a
// call within it could need.
func TestCallsNestDeeply(t *testing.T) {
	a, b := begin(t, exec.Config{Name: "a"}), begin(t, exec.Config{Name: "b"})
	var down func(n int) func(co *exec.Co) (int, error)
	down = func(n int) func(co *exec.Co) (int, error) {
		return func(co *exec.Co) (int, error) {
			if n == 0 {
				return 0, nil
			}
			to := a
			if co.Local().Exec() == a {
				to = b
			}
			depth, err := exec.CallGoFrom(co, to, down(n-1))
			return depth + 1, err
		}
	}
	const deep = 5 * exec.MaxCalls
	n, err := exec.CallGo(patience(t), a, down(deep))
	require.NoError(t, err)
	require.Equal(t, deep, n)
}

// Nor do many that go in circles at the same time.
func TestManyCallsInCircles(t *testing.T) {
	a, b := begin(t, exec.Config{Name: "a"}), begin(t, exec.Config{Name: "b"})
	const many = 3 * exec.MaxCalls
	sum, err := exec.CallGo(patience(t), a, func(co *exec.Co) (int, error) {
		set := exec.NewJoinSet[int](co.Local())
		for range many {
			err := set.Go(func(co *exec.Co) (int, error) {
				return exec.CallGoFrom(co, b, func(co *exec.Co) (int, error) {
					return exec.CallGoFrom(co, a, func(co *exec.Co) (int, error) {
						return exec.CallFrom(co, b, func(*exec.Local) (int, error) { return 1, nil })
					})
				})
			})
			if err != nil {
				return 0, err
			}
		}
		sum := 0
		for {
			v, ok, err := set.Next(co)
			if !ok || err != nil {
				return sum, err
			}
			sum += v
		}
	})
	require.NoError(t, err)
	require.Equal(t, many, sum)
}
