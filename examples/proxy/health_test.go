package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func testHealth() *health {
	return &health{cfg: healthConfig{rise: 2, fall: 3, failures: 3, eject: 5 * time.Second, ejectMax: 15 * time.Second}}
}

// Checks take an upstream down after fall failures in a row, and up after rise successes.
func TestChecks(t *testing.T) {
	h := testHealth()
	for _, step := range []struct {
		ok    bool
		state string
	}{
		{false, "up"}, {false, "up"}, {true, "up"}, // not in a row
		{false, "up"}, {false, "up"}, {false, "down"},
		{false, "down"}, {true, "down"}, {false, "down"}, // not in a row
		{true, "down"}, {true, "up"},
		{false, "up"}, {false, "up"}, {false, "down"},
	} {
		h.checked(step.ok)
		require.Equal(t, step.state, h.state())
		require.Equal(t, step.state == "up", h.usable())
	}
}

// Failures in a row eject an upstream, for twice as long each time, until a connect goes well.
func TestEjection(t *testing.T) {
	h := testHealth()
	now := time.Hour
	fail := func(n int) (d time.Duration) {
		for range n {
			require.Zero(t, d, "too early")
			d = h.failed(now, true)
		}
		return d
	}
	require.Zero(t, fail(2))
	h.connected() // not in a row
	require.Equal(t, 5*time.Second, fail(3))
	require.Equal(t, "ejected", h.state())
	require.Zero(t, h.failed(now, true), "it is out already")
	now += 5*time.Second - 1
	h.tick(now)
	require.False(t, h.usable(), "it is too early")
	now++
	h.tick(now)
	require.True(t, h.usable())
	for _, d := range []time.Duration{10 * time.Second, 15 * time.Second, 15 * time.Second} {
		require.Equal(t, d, fail(1), "one more failure is enough then")
		now += d
		h.tick(now)
		require.True(t, h.usable())
	}
	h.connected()
	require.Equal(t, 5*time.Second, fail(3))
}

// The last upstream is not ejected, and none is if that is turned off.
func TestEjectionOfTheLast(t *testing.T) {
	h := testHealth()
	for range 10 {
		require.Zero(t, h.failed(0, false))
	}
	require.True(t, h.usable())
	require.NotZero(t, h.failed(0, true), "there is another one now")

	h = testHealth()
	h.cfg.failures = 0
	for range 10 {
		require.Zero(t, h.failed(0, true))
	}
	require.True(t, h.usable())
}

// What checks bring back is as good as new.
func TestChecksEndAnEjection(t *testing.T) {
	h := testHealth()
	for range 3 {
		h.failed(0, true)
		h.checked(false)
	}
	require.Equal(t, "down", h.state())
	h.checked(true)
	h.checked(true)
	require.Equal(t, "up", h.state())
	require.Zero(t, h.failed(time.Second, true))
}
