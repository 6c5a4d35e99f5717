package netio_test

import (
	"net"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// crowd opens n connections that nobody serves, each with an OnClose.
func (w *walker) crowd(n int, onClose func(c *netio.Conn, why error)) (cs []*netio.Conn) {
	w.t.Helper()
	_, addr := w.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		if c.Data == nil {
			c.Data = true
			c.OnClose(onClose)
			cs = append(cs, c)
		}
		return netio.Wait
	}})
	for range n {
		dial(w.t, addr)
	}
	w.until("all wait", func() bool { return w.stats().Waiting == n })
	return cs
}

// An OnClose that panics, or calls Goexit, concerns its own connection: those that are closed
// in the same go are closed, too.
func TestOnCloseFails(t *testing.T) {
	for name, fail := range map[string]func(){
		"panic":  func() { panic("on purpose") },
		"goexit": runtime.Goexit,
	} {
		t.Run(name+"/elsewhere", func(t *testing.T) {
			panics := 0
			w := walk(t, exec.Config{OnPanic: func(exec.Panic) { panics++ }}, netio.Config{})
			cs := w.crowd(3, func(*netio.Conn, error) { fail() })
			done := make(chan struct{})
			go func() {
				defer close(done)
				for _, c := range cs {
					_ = c.Close()
				}
			}()
			await(t, done)
			stepApart(w)
			require.Zero(t, w.stats().Conns)
			require.Positive(t, panics)
		})
		t.Run(name+"/end", func(t *testing.T) {
			noLeak(t)
			ends := make(chan struct{})
			w := walk(t, exec.Config{OnPanic: func(exec.Panic) {}}, netio.Config{})
			cs := w.crowd(3, func(*netio.Conn, error) { fail() })
			var outside net.Conn
			w.on(func(*exec.Local) { outside = cs[0].Outside() })
			go func() {
				defer close(ends)
				_, _ = outside.Read(make([]byte, 1))
			}()
			w.until("it is under way", func() bool { return w.x.Stats().Coroutines == 1 })
			done := make(chan struct{})
			go func() {
				defer close(done)
				defer func() { _ = recover() }()
				w.x.Stop()
			}()
			await(t, done)
			await(t, ends)
		})
	}
}

// stepApart steps on a goroutine that a Goexit may end.
func stepApart(w *walker) {
	for range 10 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			w.x.Step()
		}()
		await(w.t, done)
	}
}
