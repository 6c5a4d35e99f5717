package netio

import (
	"crypto/tls"
	"net"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// TLSConn is a TLS connection of one loop, over a [Conn]. It is a net.Conn for the coroutines
// of that loop, as a Conn is, and what is said there of Close and deadlines holds here, too.
// What is done to the Conn itself (limits, Data, Close) is done to both; its Read and Write
// are not to be used any more.
//
// The locks of crypto/tls are a matter of the loop alone, and none is held while a coroutine
// waits: see [TLS]. So crypto/tls is only called with a wire that never makes it wait. A Read that
// finds too little gives up, waits outside, and tries again. A Write waits outside, too, for what
// was encrypted before to have been sent; what the kernel does not take of the next record is kept
// (Config.TLSBuffer at most) and sent when there is room.
type TLSConn struct {
	c     *Conn
	tls   *tls.Conn
	state tls.ConnectionState

	shaking bool  // a coroutine is in the handshake
	ending  bool  // a coroutine sends what is left, and then closes the socket
	cut     bool  // the other side has closed without one
	told    bool  // whoever reads has been told that there is nothing more to come
	broken  error // why nothing can be sent any more, or nil

	unsent []byte // encrypted, in a buffer of the Reactor's; or nil
	sent   int    // unsent[:sent] has been taken by the kernel

	plain   []byte // what was decrypted ahead, in a buffer of the Reactor's; or nil
	at, end int    // plain[at:end] has not been consumed
	seen    int    // plain[:seen] has been shown by Peek

	closeTimeout time.Duration
}

// Conn returns the connection that t is over.
func (t *TLSConn) Conn() *Conn { return t.c }

// Co returns the coroutine that calls it, or nil if that is none of the connection's Exec.
func (t *TLSConn) Co() *exec.Co { return t.c.Co() }

// ConnectionState returns what the handshake has led to. Any goroutine may call it.
func (t *TLSConn) ConnectionState() tls.ConnectionState { return t.state }

// Close closes the connection. The other side is told so (close_notify), after what was
// written and it has not taken yet; the socket is closed when that is done, or
// TLSConfig.CloseTimeout has passed. Close does not wait for it, but a Drain of the Exec does.
// Reads and Writes that are under way end with net.ErrClosed. Any goroutine may call it.
func (t *TLSConn) Close() error { return t.c.Close() }

// CloseWrite tells the other side that nothing more will be written: it reads io.EOF after what
// was. Reading goes on. It is called on the loop.
func (t *TLSConn) CloseWrite() error {
	c := t.c
	if !c.r.l.OnLoop() {
		return c.fail("close", ErrNotOnLoop)
	}
	if c.closed.Load() {
		return c.fail("close", c.reason())
	}
	return c.fail("close", t.tls.CloseWrite())
}

// SetDeadline is that of the Conn, and so are SetReadDeadline and SetWriteDeadline. A Write that
// has run into its deadline can be followed by others: what it says it has written is sent
// whole.
func (t *TLSConn) SetDeadline(d time.Time) error { return t.c.SetDeadline(d) }

// SetReadDeadline is SetDeadline for Reads.
func (t *TLSConn) SetReadDeadline(d time.Time) error { return t.c.SetReadDeadline(d) }

// SetWriteDeadline is SetDeadline for Writes.
func (t *TLSConn) SetWriteDeadline(d time.Time) error { return t.c.SetWriteDeadline(d) }

// SetIdleTimeout is that of the Conn. Records count, whatever is in them.
func (t *TLSConn) SetIdleTimeout(d time.Duration) error { return t.c.SetIdleTimeout(d) }

// IdleTimeout is that of the Conn.
func (t *TLSConn) IdleTimeout() time.Duration { return t.c.IdleTimeout() }

// LocalAddr returns the address of this side. Any goroutine may call it.
func (t *TLSConn) LocalAddr() net.Addr { return t.c.LocalAddr() }

// RemoteAddr returns the address of the other side. Any goroutine may call it.
func (t *TLSConn) RemoteAddr() net.Addr { return t.c.RemoteAddr() }

var (
	_ net.Conn                        = (*TLSConn)(nil)
	_ interface{ CloseWrite() error } = (*TLSConn)(nil)
)

// wire is what crypto/tls takes for the connection below.
type wire struct{ t *TLSConn }

func (w wire) Close() error                     { return nil } // never called: the Conn is closed instead
func (w wire) LocalAddr() net.Addr              { return w.t.c.LocalAddr() }
func (w wire) RemoteAddr() net.Addr             { return w.t.c.RemoteAddr() }
func (w wire) SetDeadline(time.Time) error      { return nil } // there is nothing that waits
func (w wire) SetReadDeadline(time.Time) error  { return nil }
func (w wire) SetWriteDeadline(time.Time) error { return nil }
