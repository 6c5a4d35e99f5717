package measure

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWatch: what comes back in time returns its error, and what does not is reported, once, and never comes back.
func TestWatch(t *testing.T) {
	wrong := errors.New("wrong")
	never := func() { t.Error("it was not hung") }
	require.NoError(t, Watch(time.Hour, never, func() error { return nil }))
	require.ErrorIs(t, Watch(time.Hour, never, func() error { return wrong }), wrong)

	hung, release, returned := make(chan bool), make(chan bool), make(chan bool)
	go func() {
		_ = Watch(time.Millisecond, func() { close(hung) }, func() error {
			<-release
			return nil
		})
		close(returned)
	}()
	select {
	case <-hung:
	case <-time.After(20 * time.Second):
		require.Fail(t, "nobody has noticed")
	}
	close(release)
	select {
	case <-returned:
		require.Fail(t, "the report is being written, and the measurement goes on")
	case <-time.After(20 * time.Millisecond):
	}
}

// TestLost: a side that waits in vain ends, and its measurement is a failure; the next one is not.
func TestLost(t *testing.T) {
	never := func() { t.Error("it was not hung") }
	s := Spot{CPUs: twoCPUs(t)}
	forever := func() {
		for wait := s.Poll(2); ; wait.Took(0, 1) {
			if wait.empty == earlyLooks {
				wait.since -= 1 << 38 // ticks: more than a minute
			}
		}
	}
	err := Watch(time.Hour, never, func() error {
		_, err := s.Pair(forever, func() error {
			forever()
			return nil
		})
		return err
	})
	require.ErrorIs(t, err, ErrLost)
	require.NoError(t, Watch(time.Hour, never, func() error { return nil }))
}
