package sockets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/pushcore/pushcore/bench/internal/loopback"
	"github.com/pushcore/pushcore/bench/internal/pattern"
)

// checkEcho sends more than fits anywhere, in uneven pieces, while it reads what comes back, and closes its side last.
func checkEcho(addr string) error {
	c, err := loopback.Dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	out, in := make([]byte, 1<<20), make([]byte, 1<<20)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(out) // it does not fail
	wrote := make(chan error, 1)
	go func() {
		var err error
		for rest := out; len(rest) > 0 && err == nil; {
			n := min(len(rest), 1+len(rest)/7)
			_, err = c.Write(rest[:n])
			rest = rest[n:]
		}
		wrote <- err
	}()
	n, err := io.ReadFull(c, in)
	if err != nil {
		_ = c.Close()
		return errors.Join(fmt.Errorf("data error: %d bytes of %d came back: %w", n, len(out), err), <-wrote)
	}
	if !bytes.Equal(in, out) {
		return errors.New("data error: what comes back is not what was sent")
	}
	return <-wrote
}

// checkStream reads two streams.
func checkStream(addr string) error {
	c, err := loopback.Dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	got, want := make([]byte, streamSize), pattern.Stream(streamSize)
	for range 2 {
		if _, err := c.Write([]byte{1}); err != nil {
			return err
		}
		if n, err := io.ReadFull(c, got); err != nil {
			return fmt.Errorf("data error: %d bytes of a stream of %d: %w", n, streamSize, err)
		}
		if !bytes.Equal(got, want) {
			return errors.New("data error: a stream is not what was sent")
		}
	}
	return nil
}
