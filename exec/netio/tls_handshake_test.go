package netio_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

func TestTLSConfig(t *testing.T) {
	for _, c := range []struct {
		cfg  netio.TLSConfig
		says string
	}{
		{netio.TLSConfig{}, "TLSConfig.TLS is nil"},
		{netio.TLSConfig{TLS: &tls.Config{Renegotiation: tls.RenegotiateFreelyAsClient}}, "Renegotiation is 2: it must be RenegotiateNever"},
		{netio.TLSConfig{TLS: serverTLS(), HandshakeTimeout: -1}, "HandshakeTimeout is -1ns"},
		{netio.TLSConfig{TLS: serverTLS(), CloseTimeout: -time.Second}, "CloseTimeout is -1s"},
		{netio.TLSConfig{TLS: clientTLS(), Client: true}, "Client is set, and ServeTLS is for servers"},
	} {
		_, err := netio.ServeTLS(c.cfg, echoTLS)
		require.ErrorContains(t, err, c.says)
	}
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		_, err := netio.TLS(c, netio.TLSConfig{})
		return err
	}})
	_, err := dial(t, addr).Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	h.co(func(*exec.Co) {
		c, err := h.r.Dial("tcp", addr, netio.DialConfig{})
		require.NoError(t, err)
		done := make(chan error, 1)
		go func() {
			_, err := netio.TLS(c, netio.TLSConfig{TLS: clientTLS(), Client: true})
			done <- err
		}()
		require.ErrorIs(t, take(t, done), netio.ErrNotOnLoop)
	})
}

// A peer that connects and says nothing, or only little, is not waited for.
func TestTLSSlowHandshake(t *testing.T) {
	errs := make(chan error, 2)
	h := begin(t, exec.Config{}, netio.Config{OnError: func(_ *netio.Conn, err error) { errs <- err }})
	handle, err := netio.ServeTLS(netio.TLSConfig{TLS: serverTLS(), HandshakeTimeout: 50 * time.Millisecond}, echoTLS)
	require.NoError(t, err)
	_, addr := h.listen(netio.ListenConfig{Handle: handle})
	for _, says := range []string{"", "\x16\x03\x01\x02\x00\x01\x00"} {
		c := dial(t, addr)
		_, err = io.WriteString(c, says)
		require.NoError(t, err)
		err = take(t, errs)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		var timeout net.Error
		require.ErrorAs(t, err, &timeout)
		require.True(t, timeout.Timeout())
		_, err = io.ReadAll(c)
		require.NoError(t, err) // it was closed
	}
	// The same as the client.
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	h.co(func(co *exec.Co) {
		c, err := h.r.Dial("tcp", ln.Addr().String(), netio.DialConfig{})
		require.NoError(t, err)
		_, err = netio.TLS(c, netio.TLSConfig{TLS: clientTLS(), Client: true, HandshakeTimeout: 20 * time.Millisecond})
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		c, err = h.r.Dial("tcp", ln.Addr().String(), netio.DialConfig{})
		require.NoError(t, err)
		_ = co.Within(20*time.Millisecond, func() error { // a limit of the caller's
			_, err = netio.TLS(c, netio.TLSConfig{TLS: clientTLS(), Client: true})
			return nil
		})
		require.ErrorIs(t, err, exec.ErrTimeout)
		c, err = h.r.Dial("tcp", ln.Addr().String(), netio.DialConfig{})
		require.NoError(t, err)
		go func() { time.Sleep(10 * time.Millisecond); _ = c.Close() }()
		_, err = netio.TLS(c, netio.TLSConfig{TLS: clientTLS(), Client: true})
		require.ErrorIs(t, err, net.ErrClosed)
	})
	eventually(t, "all are closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.HandshakeErrors == 5 })
}

// Refuse can answer one who speaks another protocol, and is told of every failure.
func TestTLSRefuse(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	reasons := make(chan error, 1)
	handle, err := netio.ServeTLS(netio.TLSConfig{TLS: serverTLS(), HandshakeTimeout: 50 * time.Millisecond, Refuse: func(c *netio.Conn, err error) {
		reasons <- err
		var re tls.RecordHeaderError
		if errors.As(err, &re) && re.Conn != nil {
			_, _ = c.Write(append([]byte("no: "), re.RecordHeader[:]...))
		}
	}}, echoTLS)
	require.NoError(t, err)
	_, addr := h.listen(netio.ListenConfig{Handle: handle})
	c := dial(t, addr)
	_, err = c.Write([]byte("HELLO"))
	require.NoError(t, err)
	got, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Equal(t, "no: HELLO", string(got))
	require.ErrorAs(t, take(t, reasons), new(tls.RecordHeaderError))
	_, err = dial(t, addr).Read(make([]byte, 1)) // nothing is said
	require.Equal(t, io.EOF, err)
	var late net.Error
	require.ErrorAs(t, take(t, reasons), &late)
	require.True(t, late.Timeout())
	eventually(t, "both are counted", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.HandshakeErrors == 2 })
}

// One Handler may serve connections of several Execs at once.
func TestTLSSharedHandler(t *testing.T) {
	handle, err := netio.ServeTLS(netio.TLSConfig{TLS: serverTLS()}, echoTLS)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 2 {
		_, addr := begin(t, exec.Config{}, netio.Config{}).listen(netio.ListenConfig{Handle: handle})
		for range 5 {
			wg.Go(func() {
				_, _ = tls.Client(dial(t, addr), &tls.Config{RootCAs: newAuthority().pool, ServerName: "wrong.test"}).Write([]byte("x"))
			})
			wg.Go(func() { exchange(t, tls.Client(dial(t, addr), clientTLS()), 1, 1) })
		}
	}
	wg.Wait()
}
