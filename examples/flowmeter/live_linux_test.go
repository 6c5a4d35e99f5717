package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// live opens a capture on the loopback interface, or skips the test where that is not allowed.
func live(t *testing.T) source {
	t.Helper()
	src, err := openLive("lo")
	if errors.Is(err, errNoRawSockets) {
		t.Skip(err)
	}
	require.NoError(t, err)
	return src
}

// chatter returns a function that sends one UDP datagram of n bytes over loopback, and its ports.
func chatter(t *testing.T, n int) (send func(), from, to uint16) {
	t.Helper()
	sink, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = sink.Close() })
	c, err := net.Dial("udp", sink.LocalAddr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	b := make([]byte, n)
	send = func() {
		_, err := c.Write(b)
		require.NoError(t, err)
	}
	port := func(a net.Addr) uint16 { return uint16(a.(*net.UDPAddr).Port) }
	return send, port(c.LocalAddr()), port(sink.LocalAddr())
}

// What goes over loopback is counted once, in full, and none of it is lost when the capture ends.
func TestLive(t *testing.T) {
	for _, workers := range []string{"0", "1", "2"} {
		live(t).close()
		send, from, to := chatter(t, 9000)
		go func() {
			time.Sleep(200 * time.Millisecond)
			for range 50 {
				send()
			}
		}()
		var out, errs bytes.Buffer
		args := []string{"-i", "lo", "-for", "600ms", "-workers", workers, "-json", "-top", "1000"}
		require.Equal(t, exitOK, run(t.Context(), args, &out, &errs, false), errs.String())
		var r report
		require.NoError(t, json.Unmarshal(out.Bytes(), &r))
		require.False(t, r.Interrupted)
		require.True(t, r.InEqualsOut)
		require.Equal(t, "live on lo", r.Source)
		if r.KernelDropped > 0 {
			t.Skipf("the kernel dropped %d packets of a busy loopback interface", r.KernelDropped)
		}
		var mine []flowRow
		for _, f := range r.Top {
			if f.Proto == "udp" && f.APort == from && f.BPort == to {
				mine = append(mine, f)
			}
		}
		require.Len(t, mine, 1)
		require.EqualValues(t, 50, mine[0].PacketsAB)
		require.EqualValues(t, 50*(9000+8+20+14), mine[0].BytesAB)
	}
}

// With nothing to capture the end of the context still ends the capture, at once.
func TestLiveInterrupted(t *testing.T) {
	for _, workers := range []string{"0", "1"} {
		live(t).close()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var out, errs bytes.Buffer
		begun := time.Now()
		require.Equal(t, exitOK, run(ctx, []string{"-i", "lo", "-workers", workers}, &out, &errs, false), errs.String())
		require.Less(t, time.Since(begun), 5*time.Second)
		require.Contains(t, out.String(), "interrupted")
	}
}

// Packets that were captured before the capture was ended are still read.
func TestLiveCloseDrains(t *testing.T) {
	src := live(t)
	send, _, to := chatter(t, 10)
	for range 20 {
		send()
	}
	go src.close()
	time.Sleep(20 * time.Millisecond) // close waits for the reader by now
	m := newMeter(1000)
	var p packet
	for src.next(&p) == nil {
		m.packet(p.link, p.data, p.wire, p.ts, p.tagged)
	}
	n := uint64(0)
	for _, f := range m.tab.flows {
		if f.key.proto == protoUDP && (f.key.ap == to || f.key.bp == to) {
			n += total(f.packets)
		}
	}
	require.EqualValues(t, 20, n)
	require.Zero(t, src.loss())
}

func TestLiveRefused(t *testing.T) {
	_, err := openLive("nope0")
	require.ErrorContains(t, err, `no interface "nope0" (there are: lo`)
	code, out, errs := flowmeter(t, "-i", "nope0")
	require.Equal(t, exitFault, code)
	require.Empty(t, out)
	require.Contains(t, errs, `no interface "nope0"`)

	live(t).close()
	if exec.Command("ip", "link", "add", "flowdown0", "type", "dummy").Run() != nil {
		t.Skip("no interface can be added here")
	}
	defer exec.Command("ip", "link", "del", "flowdown0").Run()
	_, err = openLive("flowdown0")
	require.EqualError(t, err, "interface flowdown0 is down")
}

// Reading a live capture allocates nothing per packet.
func TestLiveAllocs(t *testing.T) {
	src := live(t)
	defer src.close()
	send, _, _ := chatter(t, 100)
	m := newMeter(1000)
	var p packet
	allocs := testing.AllocsPerRun(500, func() {
		send()
		if err := src.next(&p); err != nil {
			t.Fatal(err)
		}
		m.packet(p.link, p.data, p.wire, p.ts, p.tagged)
	})
	require.Less(t, allocs, 0.5)
}
