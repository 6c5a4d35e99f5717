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

// wares makes the items of one sender.
type wares struct {
	sender uint64
	seqs   [churnKeys]uint64
	n      int
}

func (w *wares) make() (v ware) {
	key := uint64(w.n % churnKeys)
	w.n++
	v = ware{line: lineOf{w.sender, key, 0}, seq: w.seqs[key]}
	w.seqs[key]++
	return v
}

// produce sends until stop is set, in turn by Send, SendBatch and Stage, and returns how many it has sent.
func (c *churn) produce(sender uint64, stop *atomic.Bool) (sent int) {
	p, err := c.g.Producer()
	if err != nil {
		c.t.Error(err)
		return 0
	}
	w := &wares{sender: sender}
	staged := func(rest []ware, err error) {
		for err != nil { // what is staged may come back while the workers change
			if !errors.Is(err, group.ErrFull) {
				c.t.Error(err)
				return
			}
			for len(rest) > 0 {
				rest, _ = p.SendBatch(rest)
				nap()
			}
			rest, err = p.Flush()
		}
	}
	for !stop.Load() {
		switch w.n % 3 {
		case 0:
			for v := w.make(); ; nap() {
				if err := p.Send(v); err == nil {
					break
				} else if !errors.Is(err, group.ErrFull) {
					c.t.Error(err)
					return w.n
				}
			}
		case 1:
			var vs []ware
			for range 80 {
				vs = append(vs, w.make())
			}
			for len(vs) > 0 {
				if vs, err = p.SendBatch(vs); err == nil {
					break
				} else if !errors.Is(err, group.ErrFull) {
					c.t.Error(err)
					return w.n
				}
				nap()
			}
		case 2:
			for range 7 {
				for v := w.make(); p.Stage(v) != nil; nap() {
				}
			}
			if w.n%2 == 0 { // else they wait for the next Send to the same worker
				staged(p.Flush())
			}
		}
		if w.n%50 == 0 {
			time.Sleep(50 * time.Microsecond)
		}
	}
	staged(p.Flush())
	if _, err := p.Close(); err != nil {
		c.t.Error(err)
	}
	return w.n
}

// nap gives the workers the processor: a loop of refused sends would keep it from them.
func nap() { time.Sleep(50 * time.Microsecond) }

// strange sends as a stranger.
func (c *churn) strange(sender uint64, stop *atomic.Bool) int {
	w := &wares{sender: sender}
	for !stop.Load() {
		if err := c.g.Send(context.Background(), w.make()); err != nil {
			c.t.Error(err)
		}
		time.Sleep(20 * time.Microsecond)
	}
	return w.n
}

// forward sends from a loop outside the group.
func (c *churn) forward(sender uint64, stop *atomic.Bool) int {
	x, err := exec.New(exec.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		c.t.Error(err)
		return 0
	}
	w := &wares{sender: sender}
	if err = x.Start(); err != nil {
		c.t.Error(err)
		return 0
	}
	c.t.Cleanup(x.Stop) // what it has sent may be in its backlog until then
	v, unsent := ware{}, false
	for !stop.Load() {
		_, err := exec.Call(context.Background(), x, func(l *exec.Local) (int, error) {
			f, err := c.g.Forwarder(l)
			if err != nil {
				return 0, err
			}
			for range 20 {
				if !unsent {
					v, unsent = w.make(), true
				}
				if err := f.Send(v); err != nil {
					if !errors.Is(err, group.ErrFull) {
						return 0, err
					}
					break
				}
				unsent = false
			}
			return 0, nil
		})
		if err != nil {
			c.t.Error(err)
			break
		}
		time.Sleep(100 * time.Microsecond)
	}
	_, err = exec.Call(context.Background(), x, func(l *exec.Local) (int, error) {
		f, err := c.g.Forwarder(l)
		if err == nil && unsent {
			if err = f.Send(v); err == nil {
				unsent = false
			}
		}
		return 0, err
	})
	if unsent {
		w.n--
	}
	if err != nil && !errors.Is(err, group.ErrFull) {
		c.t.Error(err)
	}
	return w.n
}

// clinger keeps a key with its worker as long as items of it are on their way, and sends it to the next one then.
type clinger struct {
	open []int
	next int
	last map[uint64]mark
}

type mark struct {
	worker int
	sent   uint64 // to that worker, with the item picked for last
}

func clinging(v *balance.View) (balance.Balancer, error) {
	b := &clinger{last: map[uint64]mark{}}
	return b, b.Update(v)
}

func (b *clinger) Pick(key uint64, v *balance.View) int {
	if m, ok := b.last[key]; ok && v.Taken[m.worker] < min(m.sent, v.Sent[m.worker]) {
		if !v.IsOpen(m.worker) {
			return balance.Full
		}
		b.last[key] = mark{m.worker, v.Sent[m.worker] + 1}
		return m.worker
	}
	b.next = (b.next + 1) % len(b.open)
	w := b.open[b.next]
	b.last[key] = mark{w, v.Sent[w] + 1}
	return w
}

func (b *clinger) Update(v *balance.View) error {
	b.open = v.AppendOpen(b.open[:0])
	return nil
}

func (b *clinger) Ordered() bool { return true }
func (b *clinger) Sticky() bool  { return true }

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
