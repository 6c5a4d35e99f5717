//go:build linux

package main

import (
	"io"
	"math"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/loopback"
)

// TestMain gives the servers of the tests Ps besides that of the open loop, which never sleeps, on any machine.
func TestMain(m *testing.M) {
	runtime.GOMAXPROCS(max(4, runtime.GOMAXPROCS(0)))
	os.Exit(m.Run())
}

// openTask is one of the open loop that takes a quarter of a second.
func openTask(rate float64, conns int) task {
	return task{conns: conns, size: 64, span: 250 * time.Millisecond, rate: rate, limit: 10 * time.Second, queue: 4096}
}

// counted is how many requests of a task are more than warm-up.
func counted(k task) uint64 {
	n := math.Floor(k.rate * k.span.Seconds())
	return uint64(n - math.Ceil(float64(k.span/16)*k.rate/1e9))
}

func metric(t *testing.T, r report, unit string) float64 {
	t.Helper()
	for _, m := range r.Metrics {
		if m.Unit == unit {
			return m.Value
		}
	}
	require.Fail(t, "no "+unit)
	return 0
}

// listen serves one connection after another, each in a goroutine, and returns the address.
func listen(t *testing.T, serve func(c net.Conn)) string {
	t.Helper()
	addr, stop, err := loopback.Serve(serve)
	require.NoError(t, err)
	t.Cleanup(stop)
	return addr
}

// echoing sends back requests of 64 bytes; before the n-th it calls meet, and does not answer if that says so.
func echoing(t *testing.T, meet func(n int) bool) string {
	return listen(t, func(c net.Conn) {
		for b, n := make([]byte, 64), 0; ; n++ {
			if _, err := io.ReadFull(c, b); err != nil {
				return
			}
			if meet(n) {
				if _, err := c.Write(b); err != nil {
					return
				}
			}
		}
	})
}

// TestOpenAll: every request is answered and counted, at its rate.
func TestOpenAll(t *testing.T) {
	k := openTask(4000, 3)
	k.addr = echoing(t, func(int) bool { return true })
	r, err := openLoop(echoes(false))(k)
	require.NoError(t, err)
	require.Equal(t, counted(k), r.Items)
	require.Equal(t, 64*r.Items, r.Bytes)
	require.Zero(t, r.Lost+r.Refused)
	require.InDelta(t, 4000, metric(t, r, ages.Rate), 0)
	require.Zero(t, metric(t, r, "%lost"))
	require.Positive(t, metric(t, r, ages.Achieved))
	require.LessOrEqual(t, metric(t, r, ages.Achieved), 100.0)
	require.Positive(t, metric(t, r, ages.P50))
	require.GreaterOrEqual(t, r.Seconds, 15./16*k.span.Seconds()-0.001)
}

// TestOpenStall: a server that answers nothing for 50 ms holds up everything that is due meanwhile, and one in a
// hundred for nearly as long, though only one in four hundred is under way then; the client was not late.
func TestOpenStall(t *testing.T) {
	const stall = 50 * time.Millisecond
	k := openTask(2000, 1)
	k.span = time.Second
	k.addr = echoing(t, func(n int) bool {
		if n%400 == 300 {
			time.Sleep(stall)
		}
		return true
	})
	for end := time.Now().Add(20 * time.Second); ; {
		r, err := openLoop(echoes(false))(k)
		require.NoError(t, err)
		require.Equal(t, counted(k), r.Items)
		require.Greater(t, metric(t, r, ages.P99), 0.8*float64(stall))
		if metric(t, r, lateP99) < 0.5*metric(t, r, ages.P99) {
			return
		}
		require.True(t, time.Now().Before(end), "the client was late by %v ns", metric(t, r, lateP99))
	}
}

// TestOpenLost: what is never answered is counted, and as old as the limit; the run ends.
func TestOpenLost(t *testing.T) {
	k := openTask(2000, 2)
	k.limit = 200 * time.Millisecond
	k.addr = echoing(t, func(n int) bool { return n < 100 }) // of some 250 of each connection
	r, err := openLoop(echoes(false))(k)
	require.NoError(t, err)
	require.Equal(t, counted(k), r.Items+r.Lost+r.Refused)
	require.GreaterOrEqual(t, r.Lost, uint64(2*(250-100)))
	require.Zero(t, r.Refused)
	require.InDelta(t, 100*float64(r.Lost)/float64(counted(k)), metric(t, r, "%lost"), 1e-9)
	require.Less(t, metric(t, r, ages.Achieved), 50.0)
	require.GreaterOrEqual(t, metric(t, r, ages.Max), 0.99*float64(k.limit))
}

// TestOpenLate: an answer that comes at last is as old as it is, and lost nevertheless.
func TestOpenLate(t *testing.T) {
	k := openTask(100, 1)
	k.limit = time.Millisecond
	k.span = 500 * time.Millisecond
	k.addr = echoing(t, func(int) bool {
		time.Sleep(2 * time.Millisecond)
		return true
	})
	r, err := openLoop(echoes(false))(k)
	require.NoError(t, err)
	require.Zero(t, r.Items)
	require.Equal(t, counted(k), r.Lost)
}

// TestOpenRefused: what finds no room to wait is counted.
func TestOpenRefused(t *testing.T) {
	k := openTask(2000, 2)
	k.queue = 3
	k.addr = echoing(t, func(n int) bool {
		if n == 50 {
			time.Sleep(100 * time.Millisecond)
		}
		return true
	})
	r, err := openLoop(echoes(false))(k)
	require.NoError(t, err)
	require.GreaterOrEqual(t, r.Refused, uint64(100)) // some 100 of each are due meanwhile
	require.Equal(t, counted(k), r.Items+r.Lost+r.Refused)
	require.Positive(t, metric(t, r, "%lost"))
}

// TestOpenBad: bad input, and a server that goes away, are errors that say what is wrong.
func TestOpenBad(t *testing.T) {
	for want, change := range map[string]func(*task){
		"-rate 0":           func(k *task) { k.rate = 0 },
		"-limit -1s":        func(k *task) { k.limit = -time.Second },
		"-queue 0":          func(k *task) { k.queue = 0 },
		"-size 7":           func(k *task) { k.size = 7 },
		`-addr "localhost"`: func(k *task) { k.addr = "localhost" },
		"refused":           func(k *task) { k.addr = "127.0.0.1:1" },
	} {
		k := openTask(1000, 1)
		k.addr = "127.0.0.1:1"
		change(&k)
		_, err := openLoop(echoes(false))(k)
		require.ErrorContains(t, err, want)
	}
	k := openTask(1000, 1)
	k.addr = listen(t, func(net.Conn) {})
	_, err := openLoop(echoes(false))(k)
	require.Error(t, err)
	k.addr = listen(t, func(c net.Conn) {
		for b, n := make([]byte, 64, 65), 0; ; n++ {
			if _, err := io.ReadFull(c, b); err != nil {
				return
			}
			if n == 5 {
				b = append(b, 'x')
			}
			if _, err := c.Write(b); err != nil {
				return
			}
			b = b[:64]
		}
	})
	_, err = openLoop(echoes(false))(k)
	require.ErrorIs(t, err, errData, "a byte too many")
}
