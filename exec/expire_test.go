package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

const ms = time.Millisecond

// patient is a stepped Exec with an inbox that has a MaxWait, on a clock of the test's.
type patient struct {
	x       *exec.Exec
	in      *exec.Inbox[int]
	now     time.Duration
	read    func() // called by whoever reads the clock
	handled []int
	expired []int
	batches [][]int // that OnExpired got
	reports reports
}

func newPatient(t testing.TB, cfg exec.InboxConfig[int]) *patient {
	t.Helper()
	p := &patient{}
	p.x = stepped(t, exec.Config{Burst: 8, OnPanic: p.reports.add, Clock: func() time.Duration {
		now := p.now
		if f := p.read; f != nil {
			p.read = nil
			f()
		}
		return now
	}})
	if cfg.MaxWait == 0 {
		cfg.MaxWait = 10 * ms
	}
	if cfg.Handle == nil {
		cfg.Handle = func(_ *exec.Local, batch []int) int {
			p.handled = append(p.handled, batch...)
			return len(batch)
		}
	}
	if cfg.OnExpired == nil {
		cfg.OnExpired = func(_ *exec.Local, batch []int) {
			p.expired = append(p.expired, batch...)
			p.batches = append(p.batches, append([]int(nil), batch...))
		}
	}
	var err error
	p.in, err = exec.NewInbox(p.x, cfg)
	require.NoError(t, err)
	return p
}

// ways are the two ways into an inbox.
var ways = []string{"shared", "lane"}

// way returns the sends of one of them.
func (p *patient) way(t testing.TB, name string) (send func(int) bool, batch func([]int) int) {
	if name == "shared" {
		return p.in.TrySend, p.in.TrySendBatch
	}
	lane, err := p.in.Lane()
	require.NoError(t, err)
	return lane.Push, lane.PushBatch
}

func TestMaxWaitConfigIsChecked(t *testing.T) {
	x := stepped(t, exec.Config{})
	drop := func(*exec.Local, []int) {}
	for _, tc := range []struct {
		cfg  exec.InboxConfig[int]
		says string
	}{
		{exec.InboxConfig[int]{Handle: consume, MaxWait: -1, OnExpired: drop}, "exec: inbox inbox: MaxWait is -1ns: it must be positive, or 0 for no limit"},
		{exec.InboxConfig[int]{Handle: consume, MaxWait: ms}, "exec: inbox inbox: MaxWait is 1ms, but OnExpired is nil: somebody must get the items that have waited for longer"},
		{exec.InboxConfig[int]{Handle: consume, OnExpired: drop, Name: "in"}, "exec: inbox in: OnExpired is set, but MaxWait is 0: nothing would ever expire"},
	} {
		_, err := exec.NewInbox(x, tc.cfg)
		require.EqualError(t, err, tc.says)
	}
	for _, cfg := range []exec.InboxConfig[int]{{MaxWait: ms}, {OnExpired: drop}} {
		_, err := exec.NewMailbox(x, cfg)
		require.EqualError(t, err, "exec: a Mailbox has no MaxWait or OnExpired: coroutines see themselves how old a value is")
	}
}

// What has waited for exactly MaxWait is handled, what has waited for longer never is.
func TestMaxWaitIsExact(t *testing.T) {
	for _, way := range ways {
		t.Run(way, func(t *testing.T) {
			p := newPatient(t, exec.InboxConfig[int]{})
			send, batch := p.way(t, way)
			require.True(t, send(0))
			p.now = 1
			require.True(t, send(1))
			p.now = 2
			require.Equal(t, 2, batch([]int{2, 3}))
			p.now = 10*ms + 1
			p.x.Step()
			require.Equal(t, []int{0}, p.expired)
			require.Equal(t, []int{1, 2, 3}, p.handled)
			require.True(t, send(4))
			p.now += 10*ms + 1
			settle(p.x)
			require.Equal(t, []int{0, 4}, p.expired)
			s := p.x.Stats()
			require.EqualValues(t, []uint64{3, 2, 0}, []uint64{s.Items, s.Expired, s.ItemsFailed})
			require.Zero(t, s.Depth)
			settled(t, 5, s)
		})
	}
}

// The capacity is what it was, at any place of the ring; one item is enough to see it.
func TestMaxWaitKeepsTheCapacity(t *testing.T) {
	for _, way := range ways {
		for _, capacity := range []int{1, 2, 3, 5} {
			p := newPatient(t, exec.InboxConfig[int]{Cap: capacity})
			send, batch := p.way(t, way)
			want := 0
			for round := range 40 {
				n := 1 + round%capacity
				vs := make([]int, n)
				for i := range vs {
					vs[i] = want + i
				}
				want += n
				require.Equal(t, n, batch(vs))
				for i := n; i < capacity; i++ {
					require.True(t, send(want))
					want++
				}
				require.False(t, send(-1), "%s of %d: full", way, capacity)
				require.Zero(t, batch([]int{-1}))
				if p.now++; round%3 == 0 {
					p.now += 10 * ms
				}
				settle(p.x)
				require.Zero(t, p.in.Len())
				require.Len(t, append(p.handled, p.expired...), want)
			}
			require.NotEmpty(t, p.handled)
			require.NotEmpty(t, p.expired)
			require.IsIncreasing(t, p.handled)
			require.IsIncreasing(t, p.expired)
			settled(t, want, p.x.Stats())
		}
	}
}

// What is staged begins to wait when it is flushed, by whichever call.
func TestStagedItemsWaitFromTheFlush(t *testing.T) {
	for name, flush := range map[string]func(*exec.Lane[int]) []int{
		"Flush":     func(n *exec.Lane[int]) []int { require.True(t, n.Flush()); return nil },
		"Push":      func(n *exec.Lane[int]) []int { require.True(t, n.Push(3)); return []int{3} },
		"PushBatch": func(n *exec.Lane[int]) []int { require.Equal(t, 2, n.PushBatch([]int{3, 4, 5})); return []int{3, 4} },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPatient(t, exec.InboxConfig[int]{Cap: 5})
			lane, err := p.in.Lane()
			require.NoError(t, err)
			require.True(t, lane.Push(0))
			require.True(t, lane.Stage(1))
			require.True(t, lane.Stage(2))
			p.now = 11 * ms
			more := flush(lane)
			require.True(t, lane.Flush(), "there is nothing to flush")
			p.x.Step()
			require.Equal(t, []int{0}, p.expired)
			require.Equal(t, append([]int{1, 2}, more...), p.handled)
			require.True(t, lane.Push(6))
			p.now = 22 * ms
			p.x.Step()
			require.Equal(t, []int{0, 6}, p.expired)
		})
	}
}

// A full lane that has something staged accepts nothing, and stays in step.
func TestMaxWaitOfALaneFullOfStagedItems(t *testing.T) {
	p := newPatient(t, exec.InboxConfig[int]{Cap: 2})
	lane, err := p.in.Lane()
	require.NoError(t, err)
	require.True(t, lane.Stage(0))
	require.True(t, lane.Stage(1))
	p.now = 5 * ms
	require.False(t, lane.Push(-1))
	require.Zero(t, lane.PushBatch([]int{-1, -2}))
	require.Zero(t, lane.PushBatch(nil))
	require.Equal(t, []int{0, 1}, lane.Recall())
	require.True(t, lane.Push(2))
	p.now = 12 * ms
	require.True(t, lane.Push(3))
	p.now = 16 * ms
	p.x.Step()
	require.Equal(t, []int{2}, p.expired)
	require.Equal(t, []int{3}, p.handled)
}

// A closed lane refuses as others do, however often it is asked, and what it had is
// judged by its own times.
func TestMaxWaitOfAClosedLane(t *testing.T) {
	p := newPatient(t, exec.InboxConfig[int]{Cap: 3})
	lane, err := p.in.Lane()
	require.NoError(t, err)
	require.True(t, lane.Push(0))
	p.now = 5 * ms
	require.True(t, lane.Push(1))
	require.True(t, lane.Stage(2))
	p.now = 11 * ms
	lane.Close()
	for range 5 {
		require.False(t, lane.Push(-1))
		require.Zero(t, lane.PushBatch([]int{-1, -2}))
		require.False(t, lane.Flush())
		require.Equal(t, []int{2}, lane.Recall())
		require.True(t, lane.Stage(2))
	}
	settle(p.x)
	require.Equal(t, []int{0}, p.expired)
	require.Equal(t, []int{1}, p.handled)
	settled(t, 2, p.x.Stats())
}

// What a handler holds back goes on waiting; what it has changed in there stays.
func TestItemsExpireWhileTheyAreHeldBack(t *testing.T) {
	for _, way := range ways {
		t.Run(way, func(t *testing.T) {
			var offered [][]int
			take := 1
			p := newPatient(t, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
				offered = append(offered, append([]int(nil), batch...))
				for i := range batch {
					batch[i] += 100
				}
				return min(take, len(batch))
			}})
			send, batch := p.way(t, way)
			require.True(t, send(0))
			require.True(t, send(1))
			p.now = 5 * ms
			require.Equal(t, 2, batch([]int{2, 3}))
			p.x.Step()
			take = 0
			p.now = 10 * ms
			p.x.Step()
			require.Empty(t, p.expired)
			p.now = 11 * ms
			p.x.Step()
			require.Equal(t, []int{201}, p.expired)
			take = 9
			p.x.Step()
			require.Equal(t, [][]int{{0, 1, 2, 3}, {101, 102, 103}, {202, 203}, {302, 303}}, offered)
			s := p.x.Stats()
			require.EqualValues(t, []uint64{3, 1}, []uint64{s.Items, s.Expired})
			require.Zero(t, s.Depth)
		})
	}
}

// Items that wait for Admit expire, too. Neither Admit nor Settle hears of them.
func TestItemsExpireWithoutAdmission(t *testing.T) {
	for _, way := range ways {
		t.Run(way, func(t *testing.T) {
			admit, asked, booked := 0, 0, 0
			p := newPatient(t, exec.InboxConfig[int]{
				Admit:  func(_ *exec.Local, n int) int { asked += n; return min(n, admit) },
				Settle: func(_ *exec.Local, offered, gone int) { require.Equal(t, offered, gone); booked += gone },
			})
			send, _ := p.way(t, way)
			for i := range 4 {
				require.True(t, send(i))
				p.now += 3 * ms
			}
			p.x.Step() // at 12 ms: 0 has expired
			require.Equal(t, []int{0}, p.expired)
			require.Equal(t, 3, asked)
			p.now, admit = 15*ms, 1 // 1 as well
			p.x.Step()
			require.Equal(t, []int{0, 1}, p.expired)
			require.Equal(t, []int{2}, p.handled)
			require.Equal(t, []int{3 + 2, 1}, []int{asked, booked})
			p.now = time.Second
			p.x.Step()
			require.Equal(t, []int{0, 1, 3}, p.expired)
			require.Equal(t, []int{3 + 2, 1}, []int{asked, booked})
			settled(t, 4, p.x.Stats())
		})
	}
}

// The time that other code of the same turn takes is a part of the wait.
func TestMaxWaitLooksAtTheClockBeforeEachBatch(t *testing.T) {
	var p *patient
	p = newPatient(t, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
		p.handled = append(p.handled, batch...)
		p.now += 6 * ms
		return len(batch)
	}})
	first, _ := p.way(t, "lane")
	second, _ := p.way(t, "lane")
	p.x.Step() // the lanes are cold: they become hot in the order opened
	require.True(t, first(0))
	require.True(t, second(1))
	p.now = 5 * ms
	p.x.Step()
	require.Len(t, p.handled, 1)
	require.Len(t, p.expired, 1, "it has waited for 11 ms")
}

// Two senders race for the shared ring: the one that has read the clock first comes
// second. Each item is judged by its own time.
func TestMaxWaitWhereSendersRace(t *testing.T) {
	p := newPatient(t, exec.InboxConfig[int]{})
	p.read = func() {
		p.now = 8 * ms
		require.True(t, p.in.TrySend(0))
	}
	require.True(t, p.in.TrySend(1)) // at 0, behind 0
	require.True(t, p.in.TrySend(2)) // at 8
	p.now = 11 * ms
	p.x.Step()
	require.Equal(t, []int{0, 2}, p.handled)
	require.Equal(t, []int{1}, p.expired)
	settled(t, 3, p.x.Stats())
}

// Expired items come in batches, and use up the budget as others do.
func TestExpiredItemsUseUpTheBudget(t *testing.T) {
	for _, way := range ways {
		t.Run(way, func(t *testing.T) {
			p := newPatient(t, exec.InboxConfig[int]{Cap: 32})
			_, batch := p.way(t, way)
			vs := make([]int, 20)
			for i := range vs {
				vs[i] = i
			}
			require.Equal(t, 20, batch(vs))
			p.now = time.Second
			var sizes []int
			for len(p.expired) < 20 {
				before := len(p.expired)
				worked, _ := p.x.Step()
				require.True(t, worked)
				sizes = append(sizes, len(p.expired)-before)
			}
			require.Equal(t, []int{8, 8, 4}, sizes)
			require.Len(t, p.batches, 3)
			require.Equal(t, vs, p.expired)
			require.Empty(t, p.handled)
			require.EqualValues(t, []uint64{20, 0, 0}, []uint64{p.x.Stats().Expired, p.x.Stats().Items, p.x.Stats().Batches})
		})
	}
}

// A control inbox has a limit of its own, and its own budget.
func TestMaxWaitOfAControlInbox(t *testing.T) {
	p := newPatient(t, exec.InboxConfig[int]{Control: true, Cap: 100})
	require.Equal(t, 50, p.in.TrySendBatch(make([]int, 50)))
	p.now = 10 * ms
	p.x.Step()
	require.Len(t, p.handled, 32)
	p.now++
	settle(p.x)
	require.Len(t, p.handled, 32)
	require.Len(t, p.expired, 18)
}
