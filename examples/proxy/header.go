package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/pires/go-proxyproto"

	"github.com/pushcore/pushcore/exec/netio"
)

// greeting is what is known of a client before its first byte is passed on.
type greeting struct {
	source, dest net.Addr // as its PROXY protocol header says, or those of the connection
	early        []byte   // of readGreeting: what was read behind the header
}

// headerBuffer is more than a header of version 1 can have, and what one of version 2 normally
// has; a longer one takes more reads.
const headerBuffer = 512

// greet finds out who the client is.
func (w *worker) greet(c *netio.Conn) (greeting, error) {
	g := greeting{source: c.RemoteAddr(), dest: c.LocalAddr()}
	cfg := w.proxy.cfg.header
	if cfg.accept == "off" {
		return g, nil
	}
	if err := c.SetReadDeadline(time.Now().Add(cfg.timeout)); err != nil {
		return g, err
	}
	r := &lookAhead{c: c}
	g, err := readGreeting(r, cfg.accept, g)
	if err != nil {
		return g, err
	}
	r.leave(len(g.early))
	return g, c.SetReadDeadline(time.Time{})
}

// lookAhead reads a connection, and leaves what was read too far to whoever reads next: TLS, or
// the handler that passes it on.
type lookAhead struct {
	c *netio.Conn
	n int // bytes that the connection still has, and that were read
}

func (r *lookAhead) Read(b []byte) (int, error) {
	if past := r.n - headerBuffer; past > 0 { // what a buffer may hold is all that may be left
		r.c.Discard(past)
		r.n -= past
	}
	have, err := r.c.Peek(r.n + 1)
	if len(have) <= r.n {
		return 0, err
	}
	n := copy(b, have[r.n:])
	r.n += n
	return n, nil
}

// leave ends the look, and leaves the last n bytes of it.
func (r *lookAhead) leave(n int) { r.c.Discard(r.n - n) }

// readGreeting reads a header from r. What it does not say is left as it is in g.
func readGreeting(r io.Reader, accept string, g greeting) (greeting, error) {
	br := bufio.NewReaderSize(r, headerBuffer)
	awaitLine(br)
	h, err := proxyproto.Read(br)
	if err != nil {
		return g, err
	}
	if v := fmt.Sprintf("v%d", h.Version); accept != "any" && accept != v {
		return g, fmt.Errorf("the header is %s, and proxy_protocol.accept is %s", v, accept)
	}
	if h.Command.IsProxy() {
		if source, dest, ok := h.TCPAddrs(); ok {
			g.source, g.dest = source, dest
		}
	}
	g.early, err = br.Peek(br.Buffered())
	return g, err
}

// maxLine is the length of the longest header of version 1.
const maxLine = 107

// awaitLine waits until a header of version 1 is there as a whole. Package proxyproto, which has
// no time limit for it as we have, takes no parts.
func awaitLine(br *bufio.Reader) {
	for {
		b, _ := br.Peek(br.Buffered())
		sign := proxyproto.SIGV1
		if !bytes.HasPrefix(b, sign[:min(len(sign), len(b))]) || bytes.IndexByte(b, '\n') >= 0 || len(b) >= maxLine {
			return
		}
		if _, err := br.Peek(len(b) + 1); err != nil {
			return // it is the error of the next read, too
		}
	}
}

// begin sends an upstream what comes before all else: the header, if it wants one. It reports
// whether it could.
func (p *pair) begin(g greeting, send string) bool {
	if send == "off" {
		return true
	}
	version := byte(1)
	if send == "v2" {
		version = 2
	}
	b, err := proxyproto.HeaderProxyFromAddrs(version, g.source, g.dest).Format()
	if err == nil {
		_, err = p.server.Write(b)
	}
	if err != nil {
		p.fail()
	}
	return err == nil
}
