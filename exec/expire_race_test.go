package exec_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Senders race with a loop that is too slow for them, and with its end. Every item comes
// once, in its sender's order, to the handler or to OnExpired, or is returned; and none
// expires early.
func TestMaxWaitUnderLoad(t *testing.T) {
	const limit = 200 * time.Microsecond
	type item struct {
		from, seq int
		before    time.Time // no later than the send
	}
	for _, end := range []string{"drain", "stop"} {
		t.Run(end, func(t *testing.T) {
			watchdog(t, time.Minute)
			const senders = 4
			n := sized(2_000, 20_000, 500_000)
			x, err := exec.New(exec.Config{Spin: -1})
			require.NoError(t, err)
			var next [senders]int
			var handled, expired, early, disordered int
			note := func(batch []item) {
				for _, v := range batch {
					if v.seq != next[v.from] {
						disordered++
					}
					next[v.from] = v.seq + 1
				}
			}
			var in *exec.Inbox[item]
			calls := 0
			in, err = exec.NewInbox(x, exec.InboxConfig[item]{Cap: 37, MaxWait: limit, Handle: func(_ *exec.Local, batch []item) int {
				calls++
				if calls == 1 { // something is there that expires meanwhile
					for in.Len() <= len(batch) {
						runtime.Gosched()
					}
				}
				if calls%16 == 1 {
					for begin := time.Now(); time.Since(begin) <= limit; {
					}
				}
				k := (len(batch) + calls%2) / 2 // of one it holds back every other time
				note(batch[:k])
				handled += k
				return k
			}, OnExpired: func(_ *exec.Local, batch []item) {
				note(batch)
				expired += len(batch)
				for _, v := range batch {
					if time.Since(v.before) <= limit {
						early++
					}
				}
			}})
			require.NoError(t, err)
			startForTest(t, x)

			var accepted [senders]int
			var wg sync.WaitGroup
			for from := range senders {
				wg.Go(func() {
					send, batch := in.TrySend, in.TrySendBatch
					stage := func(v item) bool { return false }
					if from%2 == 0 {
						lane, err := in.Lane()
						if err != nil {
							return // stopped before
						}
						defer lane.Close()
						send, batch = lane.Push, lane.PushBatch
						stage = func(v item) bool {
							if !lane.Stage(v) {
								return false
							}
							if !lane.Flush() {
								lane.Recall()
								return false
							}
							return true
						}
					}
					ctx := t.Context()
					for seq := 0; (seq < n || end == "stop") && ctx.Err() == nil && !x.Ended(); {
						now, k := time.Now(), 0
						switch seq % 3 {
						case 0:
							k = batch([]item{{from, seq, now}, {from, seq + 1, now}, {from, seq + 2, now}})
						case 1:
							if stage(item{from, seq, now}) {
								k = 1
							}
						}
						if k == 0 && send(item{from, seq, now}) {
							k = 1
						}
						seq += k
						accepted[from] = seq
						if k == 0 {
							time.Sleep(10 * time.Microsecond)
						}
					}
				})
			}
			if end == "stop" {
				eventually(t, "some were handled, and some have expired", func() bool { s := x.Stats(); return s.Items > 0 && s.Expired > 0 })
				x.Stop()
				require.NoError(t, x.Wait())
			}
			wg.Wait()
			drain(t, x)
			rest, err := in.Undone()
			require.NoError(t, err)
			note(rest)
			total := 0
			for from, n := range accepted {
				total += n
				require.Equal(t, n, next[from])
			}
			require.Zero(t, early)
			require.Zero(t, disordered)
			require.Positive(t, handled)
			require.Positive(t, expired)
			require.Equal(t, total, handled+expired+len(rest))
			s := x.Stats()
			require.EqualValues(t, []int{handled, expired, len(rest)}, []int{int(s.Items), int(s.Expired), int(s.Returned)})
			settled(t, total, s)
		})
	}
}
