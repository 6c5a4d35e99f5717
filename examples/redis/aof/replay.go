package aof

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/pushcore/pushcore/examples/redis/resp"
)

// Replayed says what Replay has found.
type Replayed struct {
	Commands uint64
	Size     int64 // of what is whole
	Cut      int64 // bytes at the end that were half a command, and were cut off
}

const chunk = 1 << 20 // bytes that are read at once

// Replay calls run with each command of the log, in order. A command that is not complete at
// the end was being written when the writer was killed, and nobody was told that it is done:
// it is cut off. Anything else that is no command is an error that says where it is.
func (f *File) Replay(run func(args [][]byte) error) (r Replayed, err error) {
	defer func() { f.size.Store(r.Size) }()
	path := f.f.Name()
	var parser resp.Parser
	var buf []byte
	for at := 0; ; {
		n, err := parser.Next(buf[at:])
		if err == nil && n > 0 && (buf[at] != '*' || len(parser.Args) == 0) {
			err = errors.New("it does not begin with an array")
		}
		if err == nil && n > 0 {
			err = run(parser.Args)
		}
		if err != nil {
			return r, fmt.Errorf("append-only file %s: bad command at byte %d: %w", path, r.Size, err)
		}
		if n > 0 {
			at += n
			r.Size += int64(n)
			r.Commands++
			continue
		}
		buf = append(buf[:0], buf[at:]...)
		at = 0
		more, err := readMore(f.f, &buf, parser.Missing(len(buf)))
		if err != nil {
			return r, err
		}
		if !more {
			break
		}
	}
	if len(buf) == 0 {
		return r, nil
	}
	if buf[0] != '*' {
		return r, fmt.Errorf("append-only file %s: bad command at byte %d: it does not begin with an array", path, r.Size)
	}
	r.Cut = int64(len(buf))
	return r, f.f.Truncate(r.Size)
}

// readMore appends what it reads to buf, and reports whether there was something.
func readMore(f *os.File, buf *[]byte, want int) (bool, error) {
	b := *buf
	have, size := len(b), min(max(want, chunk), 16*chunk)
	b = append(b, make([]byte, size)...)
	n, err := io.ReadFull(f, b[have:])
	*buf = b[:have+n]
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return n > 0, err
}
