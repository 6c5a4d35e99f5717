// Command throttled is run by the benchmarks in a cgroup that has less than a cpu. It sends values to one worker, at
// first one now and then, and then as many as go, and prints what it found as JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/cli"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/internal/mem"
)

// Found is what the program prints.
type Found struct {
	P50        float64 `json:"p50_ns"` // from when a value was due to its handler
	P99        float64 `json:"p99_ns"` // as ages.Times has it
	Items      int     `json:"items"`  // sent as fast as they go
	CPUSeconds float64 `json:"cpu_seconds"`
}

type options struct {
	wait    string
	seconds int
}

func main() { cli.Main("throttled", parse, run) }

func parse(args []string) (o options, err error) {
	fs := flag.NewFlagSet("throttled", flag.ContinueOnError)
	fs.StringVar(&o.wait, "wait", "default", "how the worker `waits`: default, parking, spinning; channel: a goroutine")
	fs.IntVar(&o.seconds, "seconds", 1,
		"how long each of the two measurements takes, from 1 to 60 (the first one 2 at least)")
	if err := cli.Parse(fs, args, ""); err != nil {
		return o, err
	}
	if o.seconds < 1 || o.seconds > 60 {
		return o, fmt.Errorf("-seconds %d is out of range: it must be from 1 to 60", o.seconds)
	}
	if _, known := spins[o.wait]; !known && o.wait != "channel" {
		return o, fmt.Errorf("-wait %q: it must be default, parking, spinning or channel", o.wait)
	}
	return o, nil
}

var spins = map[string]time.Duration{"default": 0, "parking": -1, "spinning": exec.SpinForever}

func run(o options) error {
	w := &worker{base: time.Now(), ages: ages.NewTimes()}
	send, end, err := w.open(o.wait)
	if err != nil {
		return err
	}
	limit := time.Duration(o.seconds) * time.Second
	var f Found
	err = w.latency(send, max(limit, (ages.Least+1)*every)) // of fewer there is no percentile
	if err == nil {
		err = w.throughput(send, limit, &f)
	}
	if err = errors.Join(err, end(), w.err); err != nil {
		return err
	}
	f.P50, f.P99 = w.ages.Quantile(50), w.ages.Quantile(99)
	return json.NewEncoder(os.Stdout).Encode(f)
}

// every is the distance at which values are due.
const every = 2 * time.Millisecond

// value is due at a time since the start; one of a flood is due at no time.
type value struct {
	seq uint64
	due time.Duration
}

// worker is the one that the values go to. All but seen belongs to its thread until it has ended.
type worker struct {
	base time.Time
	ages *ages.Times
	next uint64
	err  error
	_    mem.Pad
	seen mem.Index
	_    mem.Pad
	sent uint64 // the sender's
}

func (w *worker) handle(v value) {
	if v.seq != w.next && w.err == nil {
		w.err = fmt.Errorf("data error: value %d came where %d was due", v.seq, w.next)
	}
	w.next = v.seq + 1
	if v.due > 0 {
		w.ages.Add(time.Since(w.base) - v.due)
	}
	w.seen.StoreRelease(w.next)
}

// open starts the worker. send waits for room.
func (w *worker) open(wait string) (send func([]value) error, end func() error, err error) {
	if wait == "channel" {
		ch := make(chan value, measure.Capacity)
		var ended sync.WaitGroup
		ended.Go(func() {
			for v := range ch {
				w.handle(v)
			}
		})
		send = func(vs []value) error {
			for _, v := range vs {
				ch <- v
			}
			return nil
		}
		return send, func() error {
			close(ch)
			ended.Wait()
			return nil
		}, nil
	}
	g, err := group.New(group.Config[value]{
		Depth:  measure.Capacity,
		OnFull: group.Block(context.Background()),
		Exec:   exec.Config{Spin: spins[wait], Logger: slog.New(slog.DiscardHandler)},
		Worker: func(*exec.Local, int) (group.Handler[value], error) {
			return group.HandlerFunc[value](func(_ *exec.Local, vs []value) int {
				for _, v := range vs {
					w.handle(v)
				}
				return len(vs)
			}), nil
		},
	})
	if err != nil {
		return nil, nil, err
	}
	if err := g.Start(); err != nil {
		return nil, nil, err
	}
	end = func() error {
		g.Stop()
		return g.Wait()
	}
	p, err := g.Producer()
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return func(vs []value) error {
		_, err := p.SendBatch(vs)
		return err
	}, end, nil
}

// latency sends a value whenever one is due, also those that are overdue because the program was not let run.
func (w *worker) latency(send func([]value) error, limit time.Duration) error {
	start := time.Since(w.base)
	for due := start + every; due < start+limit; due += every {
		time.Sleep(due - time.Since(w.base))
		if err := send([]value{{w.sent, due}}); err != nil {
			return err
		}
		w.sent++
	}
	return w.await()
}

// throughput sends without pause.
func (w *worker) throughput(send func([]value) error, limit time.Duration, f *Found) error {
	before, err := measure.CPUTime(false)
	if err != nil {
		return err
	}
	vs, first := make([]value, message.Batch), w.sent
	for start := time.Now(); time.Since(start) < limit; {
		for i := range vs {
			vs[i] = value{seq: w.sent}
			w.sent++
		}
		if err := send(vs); err != nil {
			return err
		}
	}
	if err := w.await(); err != nil {
		return err
	}
	after, err := measure.CPUTime(false)
	f.Items, f.CPUSeconds = int(w.sent-first), (after - before).Seconds()
	return err
}

// await waits until all that was sent was seen, half a minute at most.
func (w *worker) await() error {
	for start := time.Now(); w.seen.Load() < w.sent; time.Sleep(time.Millisecond) {
		if time.Since(start) > 30*time.Second {
			return fmt.Errorf("data error: %d of %d values are missing after half a minute", w.sent-w.seen.Load(), w.sent)
		}
	}
	return nil
}
