package http1

import (
	"io"
	"net"
	"time"

	"github.com/pushcore/pushcore/exec/netio"
)

// conn is what a server needs of a connection: a netio.Conn or a netio.TLSConn.
type conn interface {
	Await() error
	Peek(n int) ([]byte, error)
	Discard(n int)
	Buffered() int
	Write(b []byte) (int, error)
	TryWrite(b []byte) (int, error)
	CloseWrite() error
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
	SetIdleTimeout(d time.Duration) error
	IdleTimeout() time.Duration
	LocalAddr() net.Addr
	RemoteAddr() net.Addr
}

var (
	_ conn = (*netio.Conn)(nil)
	_ conn = (*netio.TLSConn)(nil)
)

// ended makes a plain end of one without close_notify: HTTP itself says where a request ends.
func ended(err error) error {
	if err == io.ErrUnexpectedEOF { //nolint:errorlint // that of a TLSConn, which is not wrapped
		return io.EOF
	}
	return err
}

// lingerMax is how many bytes are forgotten, at most, after the last answer.
const lingerMax = 256 << 10

// linger ends a connection in a way that the client can read the last answer: it says that
// there is nothing more, and reads for a while what the client is still sending.
func linger(c conn, d time.Duration) {
	if c.CloseWrite() != nil {
		return // it has ended
	}
	_ = c.SetReadDeadline(time.Now().Add(d))
	for n := 0; n < lingerMax; {
		b, err := c.Peek(1)
		if err != nil {
			break
		}
		n += len(b)
		c.Discard(len(b))
	}
}
