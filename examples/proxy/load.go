package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// perConnection is how many requests a client sends on one connection.
const perConnection = 500

// load is the clients of the demonstration: coroutines on one Exec. Each sends a request, waits
// for its echo, compares the two, and sends the next.
type load struct {
	x    *exec.Exec
	r    *netio.Reactor
	addr string
	size int

	stopping bool
	running  int
	expected bool // an upstream fails on purpose: connections are lost
	count    LoadStats
	times    histogram
}

// LoadStats is what the clients of the demonstration have seen.
type LoadStats struct {
	Requests    uint64        `json:"requests"`
	PerSecond   float64       `json:"requests_per_second"`
	P50         time.Duration `json:"p50_ns"`
	P99         time.Duration `json:"p99_ns"`
	BytesSent   uint64        `json:"bytes_sent"`
	BytesBack   uint64        `json:"bytes_back"` // every one of them was compared
	Connections uint64        `json:"connections"`
	Cut         uint64        `json:"cut"` // lost while an upstream failed on purpose
	Errors      uint64        `json:"errors"`
	FirstError  string        `json:"first_error,omitempty"`

	times histogram
}

// errDiffers means that the echo is not what was sent.
var errDiffers = errors.New("the answer is not what was sent")

func startLoad(addr string, clients, size int, onStall func(exec.Stall)) (*load, error) {
	d := &load{addr: addr, size: size}
	var err error
	d.x, err = exec.New(exec.Config{Name: "clients", Spin: -1, OnStall: onStall, OnStart: func(l *exec.Local) error {
		if d.r, err = netio.New(l, netio.Config{}); err != nil {
			return err
		}
		for i := range clients {
			if err := l.Go(func(co *exec.Co) { d.client(co, i) }); err != nil {
				return err
			}
			d.running++
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	return d, d.x.Start()
}

// client is one client. It has its requests, and room for the answers.
func (d *load) client(co *exec.Co, id int) {
	defer func() { d.running-- }()
	request, answer := make([]byte, d.size), make([]byte, d.size)
	for i := range request {
		request[i] = byte(i * (id + 1))
	}
	for !d.stopping && co.Err() == nil {
		if err := d.connection(request, answer); err != nil {
			d.failed(err)
			if co.Sleep(time.Millisecond) != nil {
				return
			}
		}
	}
}

// connection sends some requests on a connection of their own.
func (d *load) connection(request, answer []byte) error {
	c, err := d.r.Dial("tcp", d.addr, netio.DialConfig{Timeout: 5 * time.Second})
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	d.count.Connections++
	for i := 0; i < perConnection && !d.stopping; i++ {
		binary.LittleEndian.PutUint64(request, d.count.Requests)
		began := time.Now()
		n, err := c.Write(request)
		d.count.BytesSent += uint64(n)
		if err != nil {
			return err
		}
		n, err = io.ReadFull(c, answer)
		d.count.BytesBack += uint64(n)
		if err != nil {
			return err
		}
		d.times.add(time.Since(began))
		d.count.Requests++
		if !bytes.Equal(request, answer) {
			return errDiffers
		}
	}
	return nil
}

func (d *load) failed(err error) {
	if d.expected && !errors.Is(err, errDiffers) {
		d.count.Cut++
		return
	}
	if d.count.Errors++; d.count.FirstError == "" {
		d.count.FirstError = err.Error()
	}
}

// expect says whether connections are about to be lost on purpose.
func (d *load) expect(yes bool) {
	ask(d.x, func() bool { d.expected = yes; return yes })
}

func (d *load) stats() *LoadStats {
	s := ask(d.x, func() *LoadStats {
		s := d.count
		s.times = d.times
		return &s
	})
	s.P50, s.P99 = s.times.quantile(0.50), s.times.quantile(0.99)
	return s
}

// finish lets each client finish its request, and ends.
func (d *load) finish(limit time.Duration) {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if ask(d.x, func() int { d.stopping = true; return d.running }) == 0 {
			break
		}
	}
	d.x.Stop()
	_ = d.x.Wait()
}
