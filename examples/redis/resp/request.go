package resp

import (
	"bytes"
	"fmt"
)

// Limits of the protocol.
const (
	MaxInline      = 64 << 10  // bytes of a line: an inline request, a count, a length
	MaxArgs        = 1<<31 - 1 // arguments of a request
	DefaultMaxBulk = 512 << 20 // bytes of an argument
)

// ProtocolError says that what came is no request. There is no way to go on with the
// connection after it; its text is the reply.
type ProtocolError string

func (e ProtocolError) Error() string { return "ERR Protocol error: " + string(e) }

// Parser takes requests from input. The zero value is ready. It keeps slices of what it was
// shown until the next call of Next or Begin.
type Parser struct {
	// Args is the request that Next has found, as slices of its input. It is empty for one
	// to be ignored: an empty line, an array of none. More appends those of the next one.
	Args [][]byte
	// MaxBulk is how long an argument may be, in bytes. 0: DefaultMaxBulk.
	MaxBulk int

	spans []span
	at    int // bytes of the request that were understood
	argc  int // arguments that the array has; 0: its header has not been read
	bulk  int // length of the argument being read, when inBulk
	in    bool
}

type span struct{ from, to int }

// Next looks for a request at the beginning of b and returns its length, or 0 if it is not
// complete. Then b must have the same bytes, and more, in the next call: what was understood
// of it is not read again. The error is a ProtocolError.
func (p *Parser) Next(b []byte) (n int, err error) {
	p.Begin()
	return p.More(b)
}

// Begin empties Args. A request that is not complete is not forgotten.
func (p *Parser) Begin() { p.Args = p.Args[:0] }

// More is Next, but keeps what is in Args: so the requests of a pipeline can be read first and
// done later.
func (p *Parser) More(b []byte) (n int, err error) {
	if len(b) == 0 {
		return 0, nil
	}
	if b[0] != '*' {
		return p.inline(b)
	}
	n, err = p.array(b)
	if n > 0 {
		for _, s := range p.spans {
			p.Args = append(p.Args, b[s.from:s.to:s.to])
		}
		p.forget()
	}
	return n, err
}

// Reset forgets a request that is not complete.
func (p *Parser) Reset() { p.forget() }

func (p *Parser) forget() { p.spans, p.at, p.argc, p.in = p.spans[:0], 0, 0, false }

// array reads an array of bulk strings: the form that programs use.
func (p *Parser) array(b []byte) (n int, err error) {
	if p.argc == 0 {
		count, next, err := number(b, 1, "too big mbulk count string")
		if next == 0 || err != nil {
			return 0, err
		}
		if count.bad || count.v > MaxArgs {
			return 0, ProtocolError("invalid multibulk length")
		}
		if count.v <= 0 {
			return next, nil
		}
		p.argc, p.at = int(count.v), next
	}
	for len(p.spans) < p.argc {
		if !p.in {
			if p.at >= len(b) {
				return 0, nil
			}
			size, next, err := number(b, p.at+1, "too big bulk count string")
			if next == 0 || err != nil {
				return 0, err
			}
			if b[p.at] != '$' {
				return 0, ProtocolError(fmt.Sprintf("expected '$', got '%c'", printable(b[p.at])))
			}
			if size.bad || size.v < 0 || size.v > int64(p.maxBulk()) {
				return 0, ProtocolError("invalid bulk length")
			}
			p.at, p.bulk, p.in = next, int(size.v), true
		}
		if len(b)-p.at < p.bulk+2 {
			return 0, nil
		}
		p.spans = append(p.spans, span{p.at, p.at + p.bulk})
		p.at += p.bulk + 2
		p.in = false
	}
	return p.at, nil
}

func (p *Parser) maxBulk() int {
	if p.MaxBulk == 0 {
		return DefaultMaxBulk
	}
	return p.MaxBulk
}

// Missing returns how many more bytes the argument needs that the last Next has stopped in,
// at least, or 0 if that is not known.
func (p *Parser) Missing(have int) int {
	if !p.in {
		return 0
	}
	return max(p.at+p.bulk+2-have, 0)
}

// printable is what a C program prints of a byte as a character.
func printable(b byte) rune {
	if b == '\r' || b == '\n' {
		return ' '
	}
	return rune(b)
}

// decimal is a number that was read, or that it was none.
type decimal struct {
	v   int64
	bad bool
}

// number reads the number of a line from b[at:] on and returns where the next line begins,
// or 0 if the line is not complete.
func number(b []byte, at int, tooBig string) (d decimal, next int, err error) {
	// The usual case: a digit or two.
	for i := at; i < len(b) && i < at+10; i++ {
		ch := b[i]
		if ch >= '0' && ch <= '9' {
			d.v = d.v*10 + int64(ch-'0')
			continue
		}
		if ch != '\r' || i == at || b[at] == '0' && i > at+1 {
			break
		}
		if i+1 >= len(b) {
			return d, 0, nil
		}
		return d, i + 2, nil
	}
	end := bytes.IndexByte(b[min(at, len(b)):], '\r')
	if end < 0 {
		if len(b)-at > MaxInline {
			return d, 0, ProtocolError(tooBig)
		}
		return d, 0, nil
	}
	end += at
	if end+1 >= len(b) {
		return d, 0, nil
	}
	v, ok := ParseInt(b[at:end])
	return decimal{v, !ok}, end + 2, nil
}
