//go:build linux

package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestOpenUDP: packets are counted, as lost if they do not come back, once if they come back twice.
func TestOpenUDP(t *testing.T) {
	load := openLoop(echoes(true))
	k := openTask(4000, 3)
	k.size, k.limit = 200, time.Second
	k.addr = udpServer(t, func(n int, b []byte) []byte {
		if n%10 == 3 {
			return nil
		}
		return b
	})
	r, err := load(k)
	require.NoError(t, err)
	require.Equal(t, counted(k), r.Items+r.Lost+r.Refused)
	require.GreaterOrEqual(t, r.Lost, counted(k)/10-10)
	require.Positive(t, r.Items)
	k.limit, k.queue = time.Millisecond, 2 // room comes back with what is lost
	r, err = load(k)
	require.NoError(t, err)
	require.Equal(t, counted(k), r.Items+r.Lost+r.Refused)
	require.Positive(t, r.Lost)

	k = openTask(4000, 3)
	for what, f := range map[string]func(n int, b []byte) []byte{
		"not what was sent": func(_ int, b []byte) []byte { b[len(b)-1]++; return b },
		"came back with 63": func(_ int, b []byte) []byte { return b[1:] },
		"came back with 65": func(_ int, b []byte) []byte { return append(b, 'x') },
		"never sent":        func(_ int, b []byte) []byte { b[stampSize-1] = 1; return b },
	} {
		k.addr = udpServer(t, f)
		_, err := load(k)
		require.ErrorIs(t, err, errData, what)
		require.ErrorContains(t, err, what)
	}
}

// TestOpenTwice: an answer that comes twice, or after it was given up, counts once.
func TestOpenTwice(t *testing.T) {
	k := task{size: 16, conns: 1, queue: 4, rate: 1, limit: time.Second, span: time.Second, addr: "127.0.0.1:9"}
	d, err := echoes(true)(k)
	require.NoError(t, err)
	o, err := newOpen(k, d)
	require.NoError(t, err)
	defer o.close()
	f := o.flows[0]
	for k := range 4 {
		require.True(t, f.add(o.warm+int64(k)))
		o.left++
		f.sent++
	}
	require.False(t, f.add(o.warm+4), "there is no room")
	come := func(k uint64) {
		d.mark(d.request, k)
		require.NoError(t, o.packet(f, d.request, o.warm+100))
	}
	come(1)
	come(1)
	require.Equal(t, []uint64{1, 0}, []uint64{o.items, f.done})
	o.start = time.Now().Add(-time.Hour)
	o.expire(f)
	require.Equal(t, []uint64{3, 4}, []uint64{o.lost, f.done})
	come(0)
	require.Equal(t, []uint64{1, 3, 0}, []uint64{o.items, o.lost, uint64(o.left)})
	require.Equal(t, 4, o.ages.Count())
	require.True(t, f.add(o.warm+4))
}
