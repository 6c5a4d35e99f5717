package group_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

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
