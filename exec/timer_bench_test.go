package exec_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Timers as a server has them: armed for each request or connection, and nearly
// all of them stopped or moved before they fire.

// armedCounts is how many timers are armed beside those that are measured.
var armedCounts = []int{0, 1e3, 1e6}

const timeout = 30 * time.Second

// crowded steps an Exec on which n timers are armed, with deadlines over a minute
// in no order, and runs f on it.
func crowded(b *testing.B, n int, f func(l *exec.Local, armed []exec.Timer)) {
	x, err := exec.New(exec.Config{MaxTimers: n + 1024})
	require.NoError(b, err)
	b.ReportAllocs()
	inOneStep(b, x, func(l *exec.Local) {
		armed := make([]exec.Timer, n)
		for _, i := range rand.Perm(n) {
			armed[i], _ = l.After(timeout+rand.N(timeout), nop{})
		}
		b.ResetTimer()
		f(l, armed)
		b.StopTimer()
	})
}

func eachCount(b *testing.B, f func(b *testing.B, n int)) {
	for _, n := range armedCounts {
		b.Run(fmt.Sprintf("armed=%d", n), func(b *testing.B) { f(b, n) })
	}
}

// What is armed is stopped at once.
func BenchmarkTimerStop(b *testing.B) {
	eachCount(b, func(b *testing.B, n int) {
		crowded(b, n, func(l *exec.Local, _ []exec.Timer) {
			for range b.N {
				tm, _ := l.After(timeout, nop{})
				tm.Stop()
			}
		})
	})
}

// What is armed is stopped when 512 others have been.
func BenchmarkTimerStopLater(b *testing.B) {
	eachCount(b, func(b *testing.B, n int) {
		crowded(b, n, func(l *exec.Local, _ []exec.Timer) {
			var window [512]exec.Timer
			for i := range b.N {
				window[i%len(window)].Stop()
				window[i%len(window)], _ = l.After(timeout, nop{})
			}
		})
	})
}

// One in no order is stopped and another armed.
func BenchmarkTimerStopAny(b *testing.B) {
	eachCount(b, func(b *testing.B, n int) {
		crowded(b, n, func(l *exec.Local, armed []exec.Timer) {
			if n == 0 {
				armed = make([]exec.Timer, 1)
			}
			for i := range b.N {
				k := int(uint(i) * 7919 % uint(len(armed)))
				armed[k].Stop()
				armed[k], _ = l.After(timeout, nop{})
			}
		})
	})
}

func BenchmarkTimerReset(b *testing.B) {
	eachCount(b, func(b *testing.B, n int) {
		crowded(b, n, func(l *exec.Local, _ []exec.Timer) {
			tm, _ := l.After(timeout, nop{})
			for range b.N {
				tm.Reset(timeout)
			}
		})
	})
}

// Arming and firing, a turn's budget at a time, on a clock that costs nothing.
func BenchmarkTimerFire(b *testing.B) {
	now := time.Duration(0)
	x, err := exec.New(exec.Config{Clock: func() time.Duration { return now }})
	require.NoError(b, err)
	src := &onEveryStep{func(l *exec.Local) {
		for i := range 64 {
			l.After(time.Duration(i*12345), nop{})
		}
	}}
	b.ReportAllocs()
	inOneStep(b, x, func(l *exec.Local) { l.AddSource(src) })
	for range (b.N + 63) / 64 {
		now += time.Millisecond
		x.Step()
	}
}

// All that is armed moves down a level at once: the time for it all, and that of
// one turn of a hundred.
func BenchmarkTimerCascade(b *testing.B) {
	for _, n := range []int{1 << 16, 1e6} {
		b.Run(fmt.Sprintf("armed=%d", n), func(b *testing.B) {
			var turns []time.Duration
			for range b.N {
				now := time.Duration(0)
				x, err := exec.New(exec.Config{MaxTimers: n, Clock: func() time.Duration { return now }})
				require.NoError(b, err)
				b.StopTimer()
				inOneStep(b, x, func(l *exec.Local) {
					for range n {
						l.After(1<<36+rand.N(time.Duration(1<<36)), nop{})
					}
				})
				b.StartTimer()
				now = 1<<36 + 1<<24
				for worked := true; worked; {
					start := time.Now()
					worked, _ = x.Step()
					turns = append(turns, time.Since(start))
				}
			}
			slices.Sort(turns)
			b.ReportMetric(float64(turns[len(turns)*99/100]), "p99-turn-ns")
		})
	}
}

// The same with the timers of the runtime.
func BenchmarkTimerStopAfterFunc(b *testing.B) {
	eachCount(b, func(b *testing.B, n int) {
		for range n {
			tm := time.AfterFunc(time.Hour+rand.N(timeout), func() {})
			defer tm.Stop()
		}
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			time.AfterFunc(timeout, func() {}).Stop()
		}
		b.StopTimer()
	})
}

func BenchmarkTimerStopAnyAfterFunc(b *testing.B) {
	eachCount(b, func(b *testing.B, n int) {
		armed := make([]*time.Timer, max(n, 1))
		for _, i := range rand.Perm(len(armed)) {
			armed[i] = time.AfterFunc(timeout+rand.N(timeout), func() {})
		}
		b.ReportAllocs()
		b.ResetTimer()
		for i := range b.N {
			k := int(uint(i) * 7919 % uint(len(armed)))
			armed[k].Stop()
			armed[k] = time.AfterFunc(timeout, func() {})
		}
		b.StopTimer()
		for _, tm := range armed {
			tm.Stop()
		}
	})
}

func BenchmarkTimerResetAfterFunc(b *testing.B) {
	eachCount(b, func(b *testing.B, n int) {
		for range n {
			tm := time.AfterFunc(time.Hour+rand.N(timeout), func() {})
			defer tm.Stop()
		}
		tm := time.AfterFunc(timeout, func() {})
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			tm.Reset(timeout)
		}
		b.StopTimer()
		tm.Stop()
	})
}

// What reading the clock takes of each of these.
func BenchmarkClock(b *testing.B) {
	x, err := exec.New(exec.Config{})
	require.NoError(b, err)
	inOneStep(b, x, func(l *exec.Local) {
		for range b.N {
			l.Now()
		}
	})
}
