package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// flowmeter runs the program in this process.
func flowmeter(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs, false)
	return code, out.String(), errs.String()
}

// meterJSON runs the program with -json and returns the report.
func meterJSON(t *testing.T, args ...string) *report {
	t.Helper()
	code, out, errs := flowmeter(t, append(args, "-json")...)
	require.Equal(t, exitOK, code, errs)
	require.Empty(t, errs)
	var r report
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	return &r
}

// golden compares with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	require.Equal(t, string(readFile(t, path)), got, "go test -run Golden -update writes it anew")
}

// The report on the committed capture, with the figures that differ between runs set to round ones.
func TestGoldenReport(t *testing.T) {
	o, err := parse([]string{"-r", "testdata/demo.pcap", "-workers", "0", "-top", "100"}, 4)
	require.NoError(t, err)
	r, err := meterSource(t.Context(), o, nil, false)
	require.NoError(t, err)
	r.Seconds, r.PacketsPerSecond = 0.001, 1_500_000
	var b bytes.Buffer
	require.NoError(t, r.writeText(&b))
	golden(t, "demo.golden.txt", b.String())
	r.Top = r.Top[:3]
	b.Reset()
	require.NoError(t, r.writeJSON(&b))
	golden(t, "demo.golden.json", b.String())
}

// stable strips a report of what may differ between engines.
func stable(r *report) report {
	s := *r
	s.Source, s.Workers, s.Balance, s.CPUs, s.Seconds, s.PacketsPerSecond, s.ReaderWaits, s.PerWorker = "", 0, "", "", 0, 0, 0, nil
	return s
}

// The same packets give the same flow table and totals whatever reads and counts them.
func TestEnginesAgree(t *testing.T) {
	want := meterJSON(t, "-r", "testdata/demo.pcap", "-workers", "0", "-top", "1000", "-repeat", "7")
	require.EqualValues(t, 7*1500, want.PacketsIn)
	require.True(t, want.InEqualsOut)
	require.Len(t, want.Top, want.Flows)
	for _, k := range []uint64{want.Kinds.TCP, want.Kinds.UDP, want.Kinds.ICMP, want.Kinds.Other, want.Kinds.Malformed,
		want.Of.IPv4, want.Of.IPv6, want.Of.VLAN, want.Of.Fragments, want.Of.Longer} {
		require.NotZero(t, k, "the committed capture has a packet of every kind")
	}
	var packets, bytes uint64
	for _, f := range want.Top {
		packets += f.PacketsAB + f.PacketsBA
		bytes += f.BytesAB + f.BytesBA
	}
	require.Equal(t, want.PacketsIn-want.Kinds.Other-want.Kinds.Malformed, packets)
	require.Less(t, bytes, want.Bytes)
	for _, file := range []string{"testdata/demo.pcap", "testdata/demo.pcapng"} {
		for _, engine := range []string{"-workers 0", "-workers 1", "-workers 2", "-workers 3", "-workers 2 -balance roundrobin",
			"-workers 3 -balance bounded:8", "-workers 2 -balance bounded:1"} {
			t.Run(file+" "+engine, func(t *testing.T) {
				args := append(strings.Fields(engine), "-r", file, "-top", "1000", "-repeat", "7")
				got := meterJSON(t, args...)
				require.Equal(t, stable(want), stable(got))
				require.Len(t, got.PerWorker, max(1, got.Workers))
				sum := uint64(0)
				for _, w := range got.PerWorker {
					sum += w.Packets
				}
				require.Equal(t, got.PacketsIn, sum)
			})
		}
	}
}

// With hash each flow is one worker's; with round robin the packets are split evenly.
func TestBalance(t *testing.T) {
	h := meterJSON(t, "-r", "testdata/demo.pcap", "-workers", "3")
	flows := 0
	for _, w := range h.PerWorker {
		flows += w.Flows
		require.NotZero(t, w.Packets)
	}
	require.Equal(t, h.Flows, flows)
	rr := meterJSON(t, "-r", "testdata/demo.pcap", "-workers", "3", "-balance", "roundrobin")
	for _, w := range rr.PerWorker {
		require.EqualValues(t, 500, w.Packets)
	}
}

func TestUntrackedIsReported(t *testing.T) {
	code, out, _ := flowmeter(t, "-r", "testdata/demo.pcap", "-workers", "0", "-max-flows", "5")
	require.Equal(t, exitOK, code)
	require.Contains(t, out, "untracked 1120 packets, ")
	require.Contains(t, out, "\n5 flows, ")
	for _, workers := range []string{"0", "2"} {
		r := meterJSON(t, "-r", "testdata/demo.pcap", "-workers", workers, "-max-flows", "5", "-top", "1000")
		sum := r.Of.Untracked + r.Kinds.Other + r.Kinds.Malformed
		for _, f := range r.Top {
			sum += f.PacketsAB + f.PacketsBA
		}
		require.Equal(t, r.PacketsIn, sum)
		require.True(t, r.InEqualsOut)
	}
}

func TestUsage(t *testing.T) {
	code, out, errs := flowmeter(t, "-h")
	require.Equal(t, exitOK, code)
	require.Equal(t, usage, out)
	require.Empty(t, errs)
	code, out, errs = flowmeter(t, "-workers", "-1")
	require.Equal(t, exitUsage, code)
	require.Empty(t, out)
	require.Equal(t, "flowmeter: -workers -1: it must be from 0 to 256 (flowmeter -h lists the flags)\n", errs)
	for _, line := range strings.Split(usage, "\n") {
		require.LessOrEqual(t, len(line), 100, line)
	}
}

// A fault is one line and exit code 1, and what was read before it is reported.
func TestFaults(t *testing.T) {
	demo := readFile(t, "testdata/demo.pcap")
	cut := writeFile(t, "cut.pcap", demo[:len(demo)/2])
	for _, workers := range []string{"0", "1", "2"} {
		code, out, errs := flowmeter(t, "-r", cut, "-workers", workers)
		require.Equal(t, exitFault, code)
		require.Regexp(t, `^flowmeter: .*cut\.pcap: packet 7\d\d: the file ends in the middle of it \(truncated\)\n$`, errs)
		require.Contains(t, out, "stopped by an error: this is what was read before it")
		require.Regexp(t, `packets in 7\d\d = packets out 7\d\d: `, out)

		code, out, errs = flowmeter(t, "-r", cut, "-workers", workers, "-json")
		require.Equal(t, exitFault, code)
		var r report
		require.NoError(t, json.Unmarshal([]byte(out), &r))
		require.Equal(t, errs, "flowmeter: "+r.Error+"\n")
		require.NotZero(t, r.PacketsIn)

		mixed := writeMixed(t, 5)
		code, out, errs = flowmeter(t, "-r", mixed, "-workers", workers)
		require.Equal(t, exitFault, code)
		require.Regexp(t, `^flowmeter: .*: packet 6: link type 105 \(802\.11\) is not supported \(supported: .*\)\n$`, errs)
		require.Contains(t, out, "packets in 5 = packets out 5: ")

		for path, want := range map[string]string{
			"testdata/missing": "flowmeter: open testdata/missing: no such file or directory\n",
			writePcap(t, layers.LinkTypeLinuxUSB, pings...): "link type 220 (USB) is not supported",
			writeFile(t, "empty.pcap", nil):                 "ends within its header",
		} {
			code, out, errs := flowmeter(t, "-r", path, "-workers", workers)
			require.Equal(t, exitFault, code)
			require.Contains(t, errs, want)
			require.Equal(t, 1, strings.Count(errs, "\n"))
			require.Empty(t, out)
		}
	}
}

// writeMixed writes a pcapng file of n packets that can be read and one that cannot.
func writeMixed(t *testing.T, n int) string {
	var b bytes.Buffer
	w, err := pcapgo.NewNgWriter(&b, layers.LinkTypeEthernet)
	require.NoError(t, err)
	_, err = w.AddInterface(pcapgo.NgInterface{LinkType: layers.LinkTypeIEEE802_11})
	require.NoError(t, err)
	p := frame(t, eth(etht4), ip4(a1, b1, tcpp), tcp(10, 20))
	for i := range n + 1 {
		ci := info(i, p)
		ci.InterfaceIndex = i / n
		require.NoError(t, w.WritePacket(ci, p))
	}
	require.NoError(t, w.Flush())
	return writeFile(t, "mixed.pcapng", b.Bytes())
}

// An interruption is no fault: what was read is reported.
func TestInterrupted(t *testing.T) {
	for _, workers := range []string{"0", "1", "2"} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		var out, errs bytes.Buffer
		args := []string{"-r", "testdata/demo.pcap", "-repeat", "1000000", "-workers", workers, "-json"}
		require.Equal(t, exitOK, run(ctx, args, &out, &errs, false), errs.String())
		cancel()
		var r report
		require.NoError(t, json.Unmarshal(out.Bytes(), &r))
		require.True(t, r.Interrupted)
		require.True(t, r.InEqualsOut)
		require.NotZero(t, r.PacketsIn)
		require.Len(t, r.PerWorker, max(1, r.Workers))
	}
}

// The bar is drawn on a terminal only, and only for what takes long.
func TestProgress(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b, 1000)
	p.add(10)
	p.finish()
	require.Empty(t, b.String(), "done before a bar is worth it")
	p.next = time.Time{}
	p.add(90)
	require.Contains(t, b.String(), "10%")
	p.finish()
	require.True(t, strings.HasSuffix(b.String(), "\r"), "%q: the bar is cleared away", b.String())
}

func TestUnits(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 B", 9999: "9999 B", 10_000: "10.0 kB", 123_456: "123 kB", 99_940_000: "99.9 MB", 1 << 63: "9.2 EB"} {
		require.Equal(t, want, size(n))
	}
	for s, want := range map[float64]string{0: "0s", 0.000_012_3: "12µs", 1.234_5: "1.235s", 61.23: "1m1.2s", 3601.4: "1h0m1s"} {
		require.Equal(t, want, seconds(s), fmt.Sprint(s))
	}
}
