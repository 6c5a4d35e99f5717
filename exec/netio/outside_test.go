package netio_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// Outside is a net.Conn for anyone, until the Exec ends, also while it drains.
func TestOutside(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	served := make(chan error, 1)
	began := make(chan struct{})
	_, addr := h.listen(netio.ListenConfig{Handle: func(co *exec.Co, c *netio.Conn) error {
		o := c.Outside()
		_, err := exec.Blocking(co, func() (struct{}, error) {
			close(began)
			b, err := io.ReadAll(o)
			if err == nil {
				_, err = o.Write(b)
			}
			if err == nil {
				err = o.(interface{ CloseWrite() error }).CloseWrite()
			}
			return struct{}{}, err
		})
		served <- err
		return err
	}})
	c := dial(t, addr)
	await(t, began)
	drained := make(chan error, 1)
	go func() { drained <- drain(t, h.x, time.Minute) }()
	eventually(t, "it drains", func() bool { return !h.x.TrySend(exec.Func(func(*exec.Local) {})) })
	_, err := c.Write([]byte("hello"))
	require.NoError(t, err)
	require.NoError(t, c.(*net.TCPConn).CloseWrite())
	got, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Equal(t, "hello", string(got))
	require.NoError(t, take(t, served))
	require.NoError(t, take(t, drained))

	// The end of the Exec ends what is under way, and what comes then.
	h = begin(t, exec.Config{}, netio.Config{})
	var o net.Conn
	h.co(func(*exec.Co) {
		a, _ := h.pair("tcp", "127.0.0.1:0")
		o = a.Outside()
		_, err := o.Read(make([]byte, 1))
		require.ErrorIs(t, err, exec.ErrOnLoop)
		_, err = o.Write(make([]byte, 1))
		require.ErrorIs(t, err, exec.ErrOnLoop)
	})
	errs := make(chan error, 3)
	for range 3 { // two of them wait for the first one
		go func() { _, err := o.Read(make([]byte, 1)); errs <- err }()
	}
	time.Sleep(5 * time.Millisecond)
	h.x.Stop()
	for range 3 {
		require.ErrorIs(t, take(t, errs), net.ErrClosed)
	}
	_, err = o.Write([]byte("x"))
	require.ErrorIs(t, err, net.ErrClosed)
}

// However the end of the Exec meets them, operations from outside end, too.
func TestOutsideEnds(t *testing.T) {
	for range 30 {
		h := begin(t, exec.Config{}, netio.Config{})
		ends := make(chan net.Conn, 2)
		h.co(func(*exec.Co) {
			a, b := h.pair("tcp", "127.0.0.1:0")
			ends <- a.Outside()
			ends <- b.Outside()
		})
		a, b := take(t, ends), take(t, ends)
		errs := make(chan error, 2)
		go func() { _, err := io.Copy(onlyWriter{a}, onlyReader{a}); errs <- err }()
		go func() {
			var err error
			for buf := make([]byte, 100); err == nil; {
				if _, err = b.Write(buf); err == nil {
					_, err = io.ReadFull(b, buf)
				}
			}
			errs <- err
		}()
		time.Sleep(time.Millisecond)
		h.x.Stop()
		for range 2 {
			require.ErrorIs(t, take(t, errs), net.ErrClosed)
		}
	}
}

type onlyWriter struct{ io.Writer }
