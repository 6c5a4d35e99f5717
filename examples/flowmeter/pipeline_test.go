package main

import (
	"io"
	"testing"
	"time"

	"github.com/gopacket/gopacket/layers"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/group"
	"github.com/stretchr/testify/require"
)

// startReader makes a reader of src in front of a group of one worker. wrap, if not nil, may change
// the worker's handler. end drains the group.
func startReader(t *testing.T, src source, wrap func(w *worker) group.Handler[item]) (r *reader, end func() *meter) {
	t.Helper()
	s := newSlab(1)
	w := &worker{m: newMeter(1000), mem: s.mem, back: s.back[0]}
	h := group.Handler[item](w)
	if wrap != nil {
		h = wrap(w)
	}
	g, err := group.New(group.Config[item]{
		Depth:  slots,
		Worker: func(*exec.Local, int) (group.Handler[item], error) { return h, nil },
	})
	require.NoError(t, err)
	to, err := g.Producer()
	require.NoError(t, err)
	require.NoError(t, g.Start())
	dead := make(chan struct{})
	go func() {
		defer close(dead)
		_ = g.Wait()
	}()
	r = newReader(src, &stopper{src: src}, s, to, dead)
	return r, func() *meter {
		_, _ = to.Close()
		undone, err := g.Drain(t.Context())
		require.NoError(t, err)
		require.Empty(t, undone)
		<-dead
		return w.m
	}
}

// Packets of all kinds, of every length up to beyond a slot, arrive at workers as they would in
// the plain loop: the prefix that the reader copies is enough.
func TestEveryKindThroughWorkers(t *testing.T) {
	for l := range linkCount {
		types := [linkCount]layers.LinkType{layers.LinkTypeEthernet, layers.LinkTypeLinuxSLL, layers.LinkTypeLinuxSLL2,
			layers.LinkTypeNull, layers.LinkTypeRaw}
		var packets [][]byte
		for _, s := range samples(t) {
			if s.link == l {
				for n := range s.data {
					packets = append(packets, s.data[:n])
				}
				packets = append(packets, s.data, append(s.data, make([]byte, 300)...))
			}
		}
		path := writePcap(t, types[l], packets...)
		want := meterJSON(t, "-r", path, "-top", "1000", "-workers", "0")
		require.EqualValues(t, len(packets), want.PacketsIn)
		for _, workers := range []string{"1", "2"} {
			require.Equal(t, stable(want), stable(meterJSON(t, "-r", path, "-top", "1000", "-workers", workers)))
		}
	}
}

// A worker that is slower than the reader makes it wait, and loses nothing.
func TestBackPressure(t *testing.T) {
	src, err := openFile("testdata/demo.pcap", 10)
	require.NoError(t, err)
	defer src.close()
	r, end := startReader(t, src, func(w *worker) group.Handler[item] {
		return group.HandlerFunc[item](func(l *exec.Local, batch []item) int {
			time.Sleep(100 * time.Microsecond)
			return w.Handle(l, batch[:(len(batch)+1)/2]) // some of it now, the rest later
		})
	})
	require.NoError(t, r.loop())
	m := end()
	require.EqualValues(t, 15000, r.in.packets)
	require.EqualValues(t, 15000, m.packets())
	require.Equal(t, r.in.bytes, m.bytes)
	require.NotZero(t, r.waits)
	for r.slab.refill() {
	}
	require.Equal(t, slots, r.slab.n, "all buffers are back")
}

// When the workers are gone the reader does not wait for them.
func TestWorkersEndFirst(t *testing.T) {
	src, err := openFile("testdata/demo.pcap", 1<<30)
	require.NoError(t, err)
	defer src.close()
	gate := make(chan struct{})
	r, _ := startReader(t, src, func(*worker) group.Handler[item] {
		return group.HandlerFunc[item](func(l *exec.Local, batch []item) int {
			<-gate
			l.Exec().Stop()
			return 0
		})
	})
	time.AfterFunc(50*time.Millisecond, func() { close(gate) })
	require.ErrorIs(t, r.loop(), errEnded)
}

// A live source's packets are on their way before the next is waited for.
func TestNothingWaitsForTheNext(t *testing.T) {
	src := &drip{packets: make(chan packet)}
	got := make(chan int, 10)
	r, end := startReader(t, src, func(w *worker) group.Handler[item] {
		return group.HandlerFunc[item](func(l *exec.Local, batch []item) int {
			got <- len(batch)
			return w.Handle(l, batch)
		})
	})
	done := make(chan error)
	go func() { done <- r.loop() }()
	for range 3 {
		src.packets <- packet{data: frame(t, eth(etht4), ip4(a1, b1, tcpp), tcp(10, 20)), wire: 60}
		require.Equal(t, 1, <-got)
	}
	close(src.packets)
	require.NoError(t, <-done)
	require.EqualValues(t, 3, end().packets())
}

// drip is a live source whose packets a test sends.
type drip struct{ packets chan packet }

func (d *drip) next(p *packet) error {
	q, ok := <-d.packets
	if !ok {
		return io.EOF
	}
	*p = q
	return nil
}
func (d *drip) describe() string { return "drip" }
func (d *drip) live() bool       { return true }
func (d *drip) loss() loss       { return loss{} }
func (d *drip) close() error     { return nil }

func TestReaderKeepsOffWorkersCPUs(t *testing.T) {
	allowed, err := place.Allowed()
	require.NoError(t, err)
	if _, err := place.Current(); err != nil || len(allowed) < 2 {
		t.Skip("it takes two cpus and a system that pins")
	}
	cpu := make(chan int)
	go func() {
		keepOff(place.Of(allowed[1:]...))
		c, _ := place.Current()
		cpu <- c
	}()
	require.Equal(t, allowed[0], <-cpu)
}

func TestCPUs(t *testing.T) {
	code, out, errs := flowmeter(t, "-r", "testdata/demo.pcap", "-cpus", "60000")
	require.Equal(t, exitFault, code)
	require.Empty(t, out)
	require.Contains(t, errs, "60000")
}
