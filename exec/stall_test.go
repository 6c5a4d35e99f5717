package exec_test

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// stalling returns an Exec that reports stalls to a channel.
func stalling(t *testing.T, cfg exec.Config) (*exec.Exec, <-chan exec.Stall) {
	stalls := make(chan exec.Stall, 100)
	cfg.OnStall = func(s exec.Stall) { stalls <- s }
	if cfg.StallAfter == 0 {
		cfg.StallAfter = 20 * time.Millisecond
	}
	return begin(t, cfg), stalls
}

// awaitStall waits for a stall in the function fn. A loaded machine may report others before.
func awaitStall(t *testing.T, stalls <-chan exec.Stall, fn string) exec.Stall {
	t.Helper()
	limit := time.After(8 * time.Second)
	for {
		select {
		case s := <-stalls:
			if strings.HasSuffix(s.Function, fn) {
				return s
			}
			t.Logf("a stall elsewhere: %+v", s)
		case <-limit:
			t.Fatalf("no stall in %s was reported", fn)
		}
	}
}

// stuckTask is a Task that waits in a method with a name.
type stuckTask struct {
	free chan struct{}
	once sync.Once
}

func newStuckTask() *stuckTask { return &stuckTask{free: make(chan struct{})} }

func (s *stuckTask) Run(*exec.Local) { <-s.free }

func (s *stuckTask) release() { s.once.Do(func() { close(s.free) }) }

// A task that does not return is reported while it has not, by name.
func TestStallOfATask(t *testing.T) {
	x, stalls := stalling(t, exec.Config{Name: "packets"})
	task := newStuckTask()
	defer task.release()
	require.True(t, x.TrySend(task))
	s := awaitStall(t, stalls, "(*stuckTask).Run")
	require.Equal(t, "packets", s.Exec)
	require.Equal(t, "task", s.Kind)
	require.GreaterOrEqual(t, s.For, 20*time.Millisecond)
	require.WithinDuration(t, time.Now(), s.Began, time.Minute)
	require.Contains(t, s.Stack, "stall_test.go")
	time.Sleep(100 * time.Millisecond)
	require.Empty(t, stalls, "once is enough")
	require.Greater(t, x.Snapshot().Turn, 100*time.Millisecond, "it is stuck still")
	require.Equal(t, s, *x.Snapshot().LastStall)
	if runtime.GOOS == "linux" {
		require.Equal(t, "sleeping", s.Thread)
	}
	task.release()
	require.Eventually(t, func() bool { return x.Stats().Stalls >= 1 }, 10*time.Second, time.Millisecond)
	require.GreaterOrEqual(t, x.Snapshot().TurnTime.Max, 20*time.Millisecond)
}

// A coroutine that blocks in a mutex, among others that wait as they should, on one Exec of two with the same name, of
// which the other is stuck, too.
func TestStallOfACoroutineInAMutex(t *testing.T) {
	other, others := stalling(t, exec.Config{Name: "same"})
	task := newStuckTask()
	defer task.release()
	require.True(t, other.TrySend(task))
	x, stalls := stalling(t, exec.Config{Name: "same"})
	var mu sync.Mutex
	mu.Lock()
	unlock := sync.OnceFunc(mu.Unlock)
	defer unlock()
	onLoop(t, x, func(l *exec.Local) {
		for range 5 {
			_, err := exec.Go(l, func(co *exec.Co) (int, error) { return 0, co.Sleep(time.Hour) })
			require.NoError(t, err)
		}
		_, err := exec.Go(l, func(*exec.Co) (int, error) { return locksAMutex(&mu), nil })
		require.NoError(t, err)
	})
	s := awaitStall(t, stalls, "TestStallOfACoroutineInAMutex.func1.2")
	require.Equal(t, "coroutine", s.Kind)
	require.Regexp(t, `(?s)sync\.\(\*Mutex\)\.Lock.*locksAMutex.*TestStallOfACoroutineInAMutex`, s.Stack)
	require.Equal(t, "task", awaitStall(t, others, "(*stuckTask).Run").Kind)
}

//go:noinline
func locksAMutex(mu *sync.Mutex) int {
	mu.Lock()
	defer mu.Unlock()
	return 1
}

// What else a loop can be stuck in.
func TestStallKinds(t *testing.T) {
	free := make(chan struct{})
	for _, c := range []struct {
		kind, fn string
		cause    func(l *exec.Local)
	}{
		{"timer", "TestStallKinds.func1.1", func(l *exec.Local) {
			l.After(time.Millisecond, exec.Func(func(*exec.Local) { <-free }))
		}},
		{"source", "(*stuckSource).Poll", func(l *exec.Local) { l.AddSource(&stuckSource{free: free}) }},
		{"task", "TestStallKinds.func3.1", func(l *exec.Local) { l.Spawn(exec.Func(func(*exec.Local) { <-free })) }},
		{"handler", "TestStallKinds.func4.1", func(l *exec.Local) {
			in, err := exec.NewInbox(l.Exec(), exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int { <-free; return len(batch) }})
			if err != nil {
				panic(err)
			}
			in.TrySend(1)
		}},
		{"task", "TestStallKinds.func5", func(l *exec.Local) { // labels of the program's, in the place of ours
			pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("request", "7")))
			<-free
		}},
	} {
		t.Run(c.kind, func(t *testing.T) {
			x, stalls := stalling(t, exec.Config{})
			require.True(t, x.TrySend(exec.Func(c.cause)))
			defer func() { free <- struct{}{} }()
			require.Equal(t, c.kind, awaitStall(t, stalls, c.fn).Kind)
		})
	}
}

type stuckSource struct {
	free chan struct{}
	once bool
}

func (s *stuckSource) Poll(*exec.Local, int) int {
	if !s.once {
		s.once = true
		<-s.free
	}
	return 0
}

func (s *stuckSource) Next() (time.Duration, bool) { return 0, false }

// Stalls do not flood: after a few they are only counted, and the next report says how many.
func TestStallReportsAreLimited(t *testing.T) {
	x, stalls := stalling(t, exec.Config{StallAfter: 4 * time.Millisecond})
	for range 20 {
		onLoop(t, x, func(*exec.Local) { time.Sleep(15 * time.Millisecond) })
	}
	require.GreaterOrEqual(t, x.Stats().Stalls, uint64(19))
	require.GreaterOrEqual(t, len(stalls), 1)
	require.LessOrEqual(t, len(stalls), 6)
}

// A loop that slept for long is watched again when it wakes: the detector sleeps meanwhile, too.
func TestStallAfterALongSleep(t *testing.T) {
	x, stalls := stalling(t, exec.Config{Spin: -1, StallAfter: 4 * time.Millisecond})
	require.Eventually(t, exec.DetectorSleeps, 20*time.Second, 10*time.Millisecond)
	task := newStuckTask()
	defer task.release()
	require.True(t, x.TrySend(task))
	awaitStall(t, stalls, "(*stuckTask).Run")
	task.release()
}

func TestStallsAreLogged(t *testing.T) {
	var log logbook
	x := begin(t, exec.Config{Name: "logged", StallAfter: 10 * time.Millisecond, Logger: log.logger()})
	task := newStuckTask()
	defer task.release()
	require.True(t, x.TrySend(task))
	require.Eventually(t, func() bool {
		lines := log.with("(*stuckTask).Run")
		return len(lines) == 1 && strings.Contains(lines[0], "exec=logged")
	}, 20*time.Second, time.Millisecond)
	task.release()
}

func TestNoStallsWhereTheyAreOff(t *testing.T) {
	x, stalls := stalling(t, exec.Config{StallAfter: -1})
	onLoop(t, x, func(*exec.Local) { time.Sleep(50 * time.Millisecond) })
	require.Empty(t, stalls)
	require.Zero(t, x.Stats().Stalls)
	require.Nil(t, x.Snapshot().LastStall)
}
