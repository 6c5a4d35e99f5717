package http1

import (
	"bytes"
	"io"
)

// chunkState is where in a body that comes in chunks the next byte is.
type chunkState uint8

const (
	chunkNone chunkState = iota // it does not come in chunks
	chunkSize                   // before the size of a chunk
	chunkData                   // in its data
	chunkEnd                    // after them
)

// maxChunkLine is how long the line before a chunk may be, with its extensions, which are
// ignored.
const maxChunkLine = 256

// nextChunk goes on to where there are data.
func (b *Body) nextChunk() error {
	if b.at == chunkEnd {
		p, err := b.wait(2)
		if err != nil {
			return err
		}
		if p[0] != '\r' || p[1] != '\n' {
			return errChunkEnd
		}
		b.x.c.Discard(2)
		b.at = chunkSize
	}
	if b.at == chunkData {
		return nil
	}
	line, err := b.line(maxChunkLine, errChunkSize)
	if err != nil {
		return err
	}
	size, bad := parseChunkSize(line)
	if bad != nil {
		return bad
	}
	b.x.c.Discard(len(line))
	if size == 0 {
		return b.trailer()
	}
	if size > b.x.s.cfg.MaxBody-b.sum {
		return errBodyLong
	}
	b.sum += size
	b.left, b.at = size, chunkData
	return nil
}

// line returns the next line, with its end. tooLong is the error if it has more than most
// bytes.
func (b *Body) line(most int, tooLong *Error) ([]byte, error) {
	p, _ := b.x.c.Peek(0)
	for {
		if i := bytes.IndexByte(p[:min(len(p), most)], '\n'); i >= 0 {
			return p[:i+1], nil
		}
		if len(p) >= most {
			return nil, tooLong
		}
		var err error
		if p, err = b.wait(len(p) + 1); err != nil {
			return nil, err
		}
	}
}

// parseChunkSize reads the line before a chunk: hexadecimal digits, perhaps extensions, CRLF.
func parseChunkSize(line []byte) (size int64, err *Error) {
	i := 0
	for ; i < len(line); i++ {
		c := line[i]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			c = 0xff
		}
		if c == 0xff {
			break
		}
		if i == 15 {
			return 0, errBodyLong
		}
		size = size<<4 | int64(c)
	}
	if i == 0 {
		return 0, errChunkSize
	}
	rest := line[i:]
	if rest[0] == ';' {
		for rest = rest[1:]; class[rest[0]]&inValue != 0; rest = rest[1:] {
		}
	}
	switch string(rest) {
	case "\r\n":
		return size, nil
	case "\n":
		return 0, errBareLF
	}
	return 0, errChunkSize
}

// trailer reads the fields after the last chunk, and forgets them. The error is io.EOF.
func (b *Body) trailer() error {
	for n, fields := 0, 0; ; fields++ {
		line, err := b.line(b.x.s.cfg.MaxHeader-n, errTrailersLong)
		if err != nil {
			return err
		}
		n += len(line)
		if string(line) == "\r\n" {
			b.x.c.Discard(len(line))
			return io.EOF
		}
		if _, next, bad := parseField(line, 0); bad != nil {
			return bad
		} else if next != len(line) {
			return errTrailer
		}
		if fields >= b.x.s.cfg.MaxFields {
			return errTrailersLong
		}
		b.x.c.Discard(len(line))
	}
}
