package exec_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

func TestCallSmoke(t *testing.T) {
	x, y := begin(t, exec.Config{Name: "x"}), begin(t, exec.Config{Name: "y", OnPanic: func(exec.Panic) {}})
	v, err := exec.Call(patience(t), y, func(l *exec.Local) (int, error) { return 42, nil })
	require.NoError(t, err)
	require.Equal(t, 42, v)
	_, err = exec.Call(patience(t), y, func(l *exec.Local) (int, error) { panic("boom") })
	var p exec.Panic
	require.ErrorAs(t, err, &p)
	v, err = exec.CallGo(patience(t), x, func(co *exec.Co) (int, error) {
		sum := 0
		for i := range 1000 {
			v, err := exec.CallFrom(co, y, func(l *exec.Local) (int, error) { return i, nil })
			if err != nil {
				return 0, err
			}
			sum += v
		}
		v, err := exec.CallGoFrom(co, y, func(co *exec.Co) (int, error) { return 5, co.Sleep(time.Millisecond) })
		if err != nil {
			return 0, err
		}
		w, err := exec.Blocking(co, func() (int, error) { time.Sleep(time.Millisecond); return 3, nil })
		if err != nil {
			return 0, err
		}
		_, err = exec.CallFrom(co, y, func(l *exec.Local) (int, error) { panic("boom") })
		if !errors.As(err, &p) {
			return 0, errors.New("no panic")
		}
		return sum + v + w, nil
	})
	require.NoError(t, err)
	require.Equal(t, 1000*999/2+8, v)
	// many at once, more than may be on their way
	v, err = exec.CallGo(patience(t), x, func(co *exec.Co) (int, error) {
		set := exec.NewJoinSet[int](co.Local())
		for range 1000 {
			require.NoError(t, set.Go(func(co *exec.Co) (int, error) {
				return exec.CallFrom(co, y, func(l *exec.Local) (int, error) { return 1, nil })
			}))
		}
		n := 0
		for {
			v, ok, err := set.Next(co)
			if !ok || err != nil {
				return n, err
			}
			n += v
		}
	})
	require.NoError(t, err)
	require.Equal(t, 1000, v)
	y.Stop()
	require.NoError(t, y.Wait())
	_, err = exec.CallGo(patience(t), x, func(co *exec.Co) (int, error) {
		return exec.CallFrom(co, y, func(l *exec.Local) (int, error) { return 1, nil })
	})
	require.ErrorIs(t, err, exec.ErrClosed)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err = exec.CallGo(ctx, x, func(co *exec.Co) (int, error) { return 0, co.Sleep(time.Hour) })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	drain(t, x)
}
