//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/pushcore/pushcore/bench/internal/pattern"
)

// each runs one on every connection, in goroutines of their own, until the time is over.
func each(t task, one func(c net.Conn, end time.Time, m *meter) error) (r report, err error) {
	conns, err := dial(t)
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	if err != nil {
		return r, err
	}
	meters, errs := make([]meter, len(conns)), make([]error, len(conns))
	start := time.Now()
	end := start.Add(t.span)
	var wg sync.WaitGroup
	for i, c := range conns {
		wg.Go(func() {
			if errs[i] = c.SetDeadline(end.Add(20 * time.Second)); errs[i] == nil {
				errs[i] = one(c, end, &meters[i])
			}
		})
	}
	wg.Wait()
	for _, e := range errs {
		if e != nil {
			return r, e
		}
	}
	return sum(meters, time.Since(start)), nil
}

// echo sends a block and waits until all of it is back.
func echo(t task) (report, error) {
	return each(t, func(c net.Conn, end time.Time, m *meter) error {
		out, in := make([]byte, t.size), make([]byte, t.size)
		random := rand.NewChaCha8([32]byte{1})
		_, _ = random.Read(out) // it does not fail
		for at := time.Now(); at.Before(end); {
			out[m.items%uint64(t.size)]++ // never the same twice in a row
			if _, err := c.Write(out); err != nil {
				return err
			}
			if _, err := io.ReadFull(c, in); err != nil {
				return err
			}
			if !bytes.Equal(in, out) {
				return fmt.Errorf("%w: echo %d is not what was sent", errData, m.items)
			}
			now := time.Now()
			m.add(now.Sub(at), t.size)
			at = now
		}
		return nil
	})
}

// stream asks for a stream and reads it.
func stream(t task) (report, error) {
	want := pattern.Stream(t.size)
	return each(t, func(c net.Conn, end time.Time, m *meter) error {
		buf := make([]byte, 64<<10)
		for at := time.Now(); at.Before(end); {
			if _, err := c.Write([]byte{1}); err != nil {
				return err
			}
			for have := 0; have < t.size; {
				n, err := c.Read(buf[:min(len(buf), t.size-have)])
				if err != nil {
					return err
				}
				if !bytes.Equal(buf[:n], want[have:have+n]) {
					return fmt.Errorf("%w: stream %d, from byte %d on", errData, m.items, have)
				}
				have += n
			}
			now := time.Now()
			m.add(now.Sub(at), t.size)
			at = now
		}
		return nil
	})
}
