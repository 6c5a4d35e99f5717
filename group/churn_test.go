package group_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// churn is a group whose workers come and go while it is sent to in every way there is. Each item has a number within
// its line, which is a sender's key; what a worker handles it looks up in one book for all of them.
type churn struct {
	t      testing.TB
	g      *group.Group[ware]
	rng    *rand.Rand
	clings bool // the balancer keeps it by what was taken: for strangers that is not enough, see Group.TrySend
	kept   bool // the balancer keeps the order of keys
	mu     sync.Mutex
	next   map[lineOf]uint64 // number expected
	total  atomic.Int64      // items at their ends
}

// ware is an item of a line.
type ware struct {
	line lineOf
	seq  uint64
}

type lineOf struct {
	sender, key uint64
	stage       int
}

const (
	churnKeys     = 20
	churnRate     = 150 // tries a second: some are refused, as they should be
	mostChanges   = 60
	leastChanges  = 10
	firstStranger = 4 // of the senders
)

func newChurn(t testing.TB, cfg group.Config[ware], stages int) *churn {
	c := &churn{t: t, rng: rand.New(rand.NewPCG(1, 2)), next: map[lineOf]uint64{}}
	cfg.Workers, cfg.MaxWorkers = 3, 6
	cfg.Worker = func(l *exec.Local, id int) (group.Handler[ware], error) {
		f, err := c.g.Forwarder(l)
		if err != nil {
			return nil, err
		}
		n := 0
		return group.HandlerFunc[ware](func(_ *exec.Local, batch []ware) int {
			for i, v := range batch {
				if n++; n%97 == 0 {
					return i // now and then it holds back
				}
				c.handled(v)
				if v.line.stage++; v.line.stage < stages {
					if err := f.Send(v); err != nil {
						t.Errorf("forwarding within its credits: %v", err)
					}
					continue
				}
				c.total.Add(1)
			}
			return len(batch)
		}), nil
	}
	cfg.Exec.Logger = slog.New(slog.DiscardHandler)
	c.kept = cfg.Key != nil
	c.g = newGroup(t, cfg)
	require.NoError(t, c.g.Start())
	t.Cleanup(func() {
		c.g.Stop()
		_ = c.g.Wait()
	})
	return c
}

// handled checks that v comes once, and, if keys are kept in order, that it is the next of its line.
func (c *churn) handled(v ware) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.kept || c.clings && v.line.sender >= firstStranger && v.line.sender < firstStranger+2 {
		v.line.key += 1 << 32 * (v.seq + 1) // each item is a line of its own
		if c.next[v.line]++; c.next[v.line] != 1 {
			c.t.Errorf("%+v came twice", v)
		}
		return
	}
	if want := c.next[v.line]; v.seq != want {
		c.t.Errorf("line %+v: %d came where %d was due", v.line, v.seq, want)
	}
	c.next[v.line] = v.seq + 1
}

// change does one of the things that can be done to the workers, and says whether it should have worked.
func (c *churn) change(ctx context.Context) (what string, err error) {
	ids := c.g.IDs()
	id := ids[c.rng.IntN(len(ids))]
	switch c.rng.IntN(6) {
	case 0, 1:
		id, err = c.g.Add(ctx)
		return fmt.Sprintf("add %d", id), err
	case 2:
		return fmt.Sprintf("remove %d", id), c.g.Remove(ctx, id)
	case 3:
		return fmt.Sprintf("replace %d", id), c.g.Replace(ctx, id)
	case 4:
		return fmt.Sprintf("pause %d", id), c.g.Pause(ctx, id)
	default:
		return fmt.Sprintf("resume %d", id), c.g.Resume(ctx, id)
	}
}

// run lets senders go on until so many changes have been made, and checks that nothing is lost, and the account.
func (c *churn) run(most int, limit func() context.Context) {
	var stop atomic.Bool
	var senders sync.WaitGroup
	var sent atomic.Int64
	for i, send := range []func(uint64, *atomic.Bool) int{c.produce, c.produce, c.produce, c.strange, c.strange, c.forward} {
		senders.Go(func() { sent.Add(int64(send(uint64(i+1), &stop))) })
	}
	changes, tries := 0, 0
	begin := time.Now()
	pace := time.NewTicker(time.Second / churnRate)
	defer pace.Stop()
	for ; changes < most; <-pace.C {
		if tries++; time.Since(begin) > time.Second && changes >= leastChanges { // hurried changes seldom get through a barrier
			break
		}
		what, err := c.change(limit())
		for errors.Is(err, exec.ErrRunning) { // a busy machine: what has been begun must be ended
			if id := 0; strings.HasPrefix(what, "remove") {
				_, err = fmt.Sscanf(what, "remove %d", &id)
				err = errors.Join(err, c.g.Remove(within(20*time.Second), id))
			} else {
				_, err = fmt.Sscanf(what, "replace %d", &id)
				err = errors.Join(err, c.g.Replace(within(20*time.Second), id))
			}
		}
		switch {
		case err == nil:
			changes++
		case errors.Is(err, group.ErrTooMany), errors.Is(err, context.DeadlineExceeded), isLast(err):
		default:
			c.t.Errorf("%s: %v", what, err)
		}
	}
	took := time.Since(begin)
	stop.Store(true)
	senders.Wait()
	require.Empty(c.t, drain(c.t, c.g))
	require.Equal(c.t, sent.Load(), c.total.Load(), "nothing is lost, and nothing done twice")
	eventually(c.t, func() bool { // a loop outside shows what it has sent at the end of its turn
		s := c.g.Stats()
		return s.Accepted+s.Forwarded+s.Spawned == s.Executed+s.Failed+s.Returned
	})
	s := balanced(c.t, c.g)
	c.t.Logf("%d items, %d changes in %d tries, %.0f/s: %+v", sent.Load(), changes, tries, float64(changes)/took.Seconds(), s.Changes)
	require.GreaterOrEqual(c.t, changes, leastChanges)
}

func isLast(err error) bool { return err != nil && strings.Contains(err.Error(), "is the last one") }

// Workers are added, removed, paused, resumed and replaced, as often as 150 times a second (behind barriers less
// often), while producers, strangers and a Forwarder outside the group send, and workers forward to each other. Nothing
// is lost and nothing handled twice. Where the balancer is Ordered, each key of each sender stays in order, at every
// stage.
func TestChurn(t *testing.T) {
	key := func(v *ware) uint64 { return v.line.key<<8 + uint64(v.line.stage) }
	for name, cfg := range map[string]group.Config[ware]{
		"RoundRobin":  {},
		"LeastLoaded": {Balance: balance.LeastLoaded()},
		"KeyHash":     {Balance: balance.KeyHash(), Key: key},
		"Sticky":      {Balance: clinging, Key: key},
	} {
		for how, limit := range map[string]func() context.Context{
			"in good time": func() context.Context { return within(20 * time.Second) },
			"in a hurry": func() context.Context {
				ctx, cancel := context.WithTimeout(context.Background(), 100*time.Microsecond)
				time.AfterFunc(20*time.Second, cancel)
				return ctx
			},
		} {
			for _, full := range []string{"Fail", "Block"} {
				t.Run(name+"/"+how+"/"+full, func(t *testing.T) {
					cfg := cfg
					cfg.Depth = 64
					if full == "Block" {
						cfg.OnFull = group.Block(context.Background())
					}
					stages := 2
					if name == "Sticky" {
						stages = 1 // a key that moves has another Forwarder then: order is of each sender
					}
					c := newChurn(t, cfg, stages)
					c.clings = name == "Sticky"
					c.run(mostChanges, limit)
				})
			}
		}
	}
}
