package http1_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

func TestNewErrors(t *testing.T) {
	x, err := exec.New(exec.Config{OnStart: func(l *exec.Local) error {
		r, err := netio.New(l, netio.Config{ReadBuffer: 4096})
		if errors.Is(err, errors.ErrUnsupported) {
			return nil
		}
		require.NoError(t, err)
		_, err = http1.New(r, tell, http1.Config{})
		require.ErrorContains(t, err, "MaxHeader is 8192: it must not be more than the ReadBuffer of the Reactor, which is 4096")
		_, err = http1.New(r, nil, http1.Config{MaxHeader: 4096})
		require.ErrorContains(t, err, "no Handler")
		_, err = http1.New(r, tell, http1.Config{Pipe: 1})
		require.ErrorContains(t, err, "Pipe is 1")
		return nil
	}})
	require.NoError(t, err)
	require.NoError(t, x.Start())
	x.Stop()
	require.NoError(t, x.Wait())
}

// A drain lets requests end that have begun, tells their clients that they were the last ones,
// and closes the connections that wait for another.
func TestDrain(t *testing.T) {
	hold := make(chan struct{})
	var begun atomic.Int64
	pooled := http1.Pool(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun.Add(1)
		<-hold
		fmt.Fprint(w, "finished")
	}))
	s := begin(t, func(co *exec.Co, w *http1.Response, r *http1.Request) error {
		switch r.Path() {
		case "/pool":
			return pooled(co, w, r)
		case "/native":
			begun.Add(1)
			if _, err := exec.Blocking(co, func() (int, error) { <-hold; return 0, nil }); err != nil {
				return err
			}
		}
		return w.Send(http.StatusOK, "", []byte("finished"))
	}, setup{})
	get := func(path string) *conn {
		c := s.dial()
		c.send(lines("GET "+path+" HTTP/1.1", "Host: h"))
		return c
	}
	idle, fresh := get("/"), s.dial()
	_, body := idle.answer("GET")
	require.Equal(t, "finished", body)
	busy := []*conn{get("/native"), get("/pool")}
	half := s.dial()
	half.send("GET / HTTP/1.1\r\nHo")
	eventually(t, "all have begun", func() bool {
		n := s.r.Stats()
		return begun.Load() == 2 && n.Waiting == 1 && n.Conns == 5
	})
	eventually(t, "the half request has come", func() bool { return s.r.Stats().BytesIn >= uint64(len("GET / HTTP/1.1\r\nHo")+3*30) })
	drained := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_, err := s.x.Drain(ctx)
		drained <- err
	}()
	idle.closed()
	fresh.closed()
	_, err := net.Dial("tcp", s.addr)
	require.Error(t, err)
	half.send("st: h\r\n\r\n")
	res, body := half.answer("GET")
	require.Equal(t, "finished", body)
	require.True(t, res.Close)
	close(hold)
	for i, c := range busy {
		res, body := c.answer("GET")
		require.Equal(t, "finished", body)
		require.Equal(t, i == 0, res.Close) // a goroutine does not know of the drain
		c.closed()
	}
	require.NoError(t, <-drained)
	n := s.r.Stats()
	require.Zero(t, n.Abandoned+n.Failed)
	require.Zero(t, n.Conns)
}

// When the Exec is stopped nobody hangs, and handlers on goroutines see the end.
func TestStop(t *testing.T) {
	saw, began := make(chan error, 1), make(chan struct{})
	s := begin(t, http1.Pool(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
		var err error
		for err == nil {
			_, err = w.Write(make([]byte, 1000))
		}
		saw <- err
	})), setup{})
	c := s.dial()
	c.send(lines("GET / HTTP/1.1", "Host: h"))
	await(t, began)
	s.x.Stop()
	require.ErrorIs(t, <-saw, exec.ErrCancelled)
	_, err := io.ReadAll(c)
	var late net.Error
	require.False(t, errors.As(err, &late) && late.Timeout())
}
