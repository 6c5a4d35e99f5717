package main

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/pires/go-proxyproto"
	"github.com/stretchr/testify/require"
)

// A handshake that does not come, or is none, ends the client, and no upstream hears of it.
func TestTLSBadHandshakes(t *testing.T) {
	id := newIdentity(t, "bad")
	up := serve(t, func(net.Conn) { t.Error("the upstream was connected to") })
	cfg := secureConfig(t, id, up.addr())
	cfg.tls.timeout = 50 * time.Millisecond
	p := begin(t, cfg)
	require.Equal(t, cfg.tls.timeout, p.tls.HandshakeTimeout, "and not the default, which would end it, too")
	for i, begins := range []string{"", "\x16\x03\x01\x02", "GET / HTTP/1.0\r\n\r\n"} {
		c := dial(t, p.addr)
		_, err := io.WriteString(c, begins)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, c) // an alert may come before the end
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "of the test")
		eventually(t, "it is counted", func() bool { s := p.stats(); return s.Total.BadHandshakes == uint64(i+1) && s.Open == 0 })
	}
	// A client that goes by itself, and one that does not trust the certificate.
	require.NoError(t, dial(t, p.addr).Close())
	require.Error(t, tls.Client(dial(t, p.addr), newIdentity(t, "other").client()).Handshake())
	eventually(t, "both have ended", func() bool { s := p.stats(); return s.Total.Accepted == 5 && s.Open == 0 })
	require.Zero(t, p.stats().Total.Finished)
}

// together is a connection that sends what is ahead in one segment with the first Write.
type together struct {
	net.Conn
	ahead []byte
}

func (c *together) Write(b []byte) (int, error) {
	n := len(c.ahead)
	m, err := c.Conn.Write(append(c.ahead, b...))
	c.ahead = nil
	return max(0, m-n), err
}

// The header of a client comes before its handshake, and that to an upstream before what is in
// it; a long one takes more than one buffer.
func TestTLSHeaders(t *testing.T) {
	id := newIdentity(t, "headers")
	long, err := (&proxyproto.Header{Version: 2, Command: proxyproto.PROXY, TransportProtocol: proxyproto.TCPv4, SourceAddr: source4, DestinationAddr: dest4}).Format()
	require.NoError(t, err)
	const pad = 4096 - 12 // the longest that is taken
	long = append(long, make([]byte, pad)...)
	long[len(long)-pad] = 0x04 // a TLV of no meaning
	long[len(long)-pad+1], long[len(long)-pad+2] = byte((pad-3)>>8), byte((pad-3)&255)
	long[14], long[15] = byte((12+pad)>>8), byte((12+pad)&255)
	for _, ahead := range [][]byte{header(t, 1, source4, dest4), header(t, 2, source4, dest4), long} {
		says, rest := make(chan *proxyproto.Header, 1), make(chan []byte, 1)
		c := secureConfig(t, id, readHeader(t, says, rest).addr())
		c.header.accept, c.header.send = "any", "v2"
		p := begin(t, c)
		conn := secure(t, &together{dial(t, p.addr), bytes.Clone(ahead)}, id.client())
		h := <-says
		require.Equal(t, source4.String(), h.SourceAddr.String())
		_, err := conn.Write([]byte("within"))
		require.NoError(t, err)
		require.NoError(t, conn.CloseWrite())
		require.Equal(t, "within", string(<-rest))
	}
}
