package http1

import (
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// ServeTLS returns the netio.Handler that answers requests over TLS, as Serve does without. If
// cfg.TLS has NextProtos, they may only be http/1.1: a client is not to be promised what this
// server does not speak. A client that speaks HTTP without TLS is told so, unless cfg has a
// Refuse of its own. All loops should have the same *tls.Config, so that a client resumes with
// any of them the session that it began with another.
//
// In the ListenConfig there is to be no Refuse: there is nothing to say before a handshake.
func (s *Server) ServeTLS(cfg netio.TLSConfig) (netio.Handler, error) {
	if cfg.TLS != nil {
		for _, p := range cfg.TLS.NextProtos {
			if p != "http/1.1" {
				return nil, fmt.Errorf("http1: TLS.NextProtos has %q: there is only http/1.1", p)
			}
		}
	}
	if cfg.Refuse == nil {
		cfg.Refuse = s.refusePlain
	}
	return netio.ServeTLS(cfg, func(co *exec.Co, t *netio.TLSConn) error { return s.serve(co, t) })
}

// plainAnswer is what a client gets that has not begun with TLS.
const plainAnswer = "HTTP/1.0 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
	"Client sent an HTTP request to an HTTPS server.\n"

// refusePlain tells a client that there is only TLS.
func (s *Server) refusePlain(c *netio.Conn, err error) {
	var re tls.RecordHeaderError
	if !errors.As(err, &re) || re.Conn == nil || !looksLikeHTTP(re.RecordHeader) {
		return
	}
	s.stats.Requests++
	s.stats.Bad++
	if _, err := c.TryWrite([]byte(plainAnswer)); err == nil {
		linger(c, s.cfg.Linger) // the client may have sent more than was looked at
	}
}

// looksLikeHTTP reports whether h, which is no record of TLS, begins with a method.
func looksLikeHTTP(h [5]byte) bool {
	for i, c := range h[:4] {
		if (c < 'A' || c > 'Z') && (c != ' ' || i < 3) {
			return false
		}
	}
	return true
}
