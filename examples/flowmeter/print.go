package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"text/tabwriter"
	"time"
)

// writeJSON prints the report as one JSON object.
func (r *report) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// writeText prints the report for people.
func (r *report) writeText(out io.Writer) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "%s, %s\n", r.Source, r.engine())
	if r.Interrupted {
		fmt.Fprintln(w, "interrupted: this is what was read until then")
	}
	if r.Error != "" {
		fmt.Fprintln(w, "stopped by an error: this is what was read before it")
	}
	fmt.Fprintln(w)
	r.writeFlows(w)
	r.writeWorkers(w)
	r.writeTotals(w)
	return w.Flush()
}

// engine says who did the work.
func (r *report) engine() string {
	if r.Workers == 0 {
		return "plain loop"
	}
	s := fmt.Sprintf("%d workers", r.Workers)
	if r.Workers == 1 {
		s = "1 worker"
	}
	if r.CPUs != "" {
		s += " on cpu " + r.CPUs
	}
	return s + ", balance " + r.Balance
}

func (r *report) writeFlows(w io.Writer) {
	if len(r.Top) == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "proto\ta\tb\tpackets a>b\tpackets b>a\tbytes a>b\tbytes b>a\tduration\t")
	for i := range r.Top {
		f := &r.Top[i]
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\t\n", f.Proto, f.end(f.A, f.APort), f.end(f.B, f.BPort),
			f.PacketsAB, f.PacketsBA, size(f.BytesAB), size(f.BytesBA), seconds(f.Seconds))
	}
	t.Flush()
	if rest := r.Flows - len(r.Top); rest > 0 {
		fmt.Fprintf(w, "and %d more flows\n", rest)
	}
	fmt.Fprintln(w)
}

// end prints one end of a flow.
func (f *flowRow) end(addr string, port uint16) string {
	switch {
	case f.Fragments:
		return addr + " (fragments)"
	case port == 0 && f.Proto[0] == 'i':
		return addr
	case f.Proto[0] == 'i':
		return addr + " id " + strconv.Itoa(int(port))
	}
	return net.JoinHostPort(addr, strconv.Itoa(int(port)))
}

func (r *report) writeWorkers(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "worker\tpackets\tflows\tbatch fill\tbusy\t")
	for _, row := range r.PerWorker {
		name, fill := strconv.Itoa(row.Worker), "-"
		if r.Workers == 0 {
			name = "plain"
		}
		if row.Batches > 0 {
			fill = fmt.Sprintf("%.1f", row.BatchFill)
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%.0f %%\t\n", name, row.Packets, row.Flows, fill, row.BusyPct)
	}
	t.Flush()
	fmt.Fprintln(w)
}

func (r *report) writeTotals(w io.Writer) {
	sign := "="
	if !r.InEqualsOut {
		sign = "IS NOT"
	}
	fmt.Fprintf(w, "packets in %d %s packets out %d: tcp %d, udp %d, icmp %d, other %d, malformed %d\n",
		r.PacketsIn, sign, r.PacketsOut, r.Kinds.TCP, r.Kinds.UDP, r.Kinds.ICMP, r.Kinds.Other, r.Kinds.Malformed)
	fmt.Fprintf(w, "of which ipv4 %d, ipv6 %d, vlan %d, fragments %d\n", r.Of.IPv4, r.Of.IPv6, r.Of.VLAN, r.Of.Fragments)
	if r.Of.Untracked > 0 {
		fmt.Fprintf(w, "untracked %d packets, %s: their flows found a full table (-max-flows)\n", r.Of.Untracked, size(r.Of.UntrackedBytes))
	}
	if r.Of.Longer > 0 {
		fmt.Fprintf(w, "longer than %d bytes %d: no more than that was looked at, their bytes are counted in full\n", prefixLen, r.Of.Longer)
	}
	if r.ReaderWaits > 0 {
		fmt.Fprintf(w, "the reader waited %d times for workers to give buffers back\n", r.ReaderWaits)
	}
	if r.KernelDropped+r.KernelUnread > 0 {
		fmt.Fprintf(w, "not read %d packets: %d dropped by the kernel, its buffer was full, %d still in it at the end\n",
			r.KernelDropped+r.KernelUnread, r.KernelDropped, r.KernelUnread)
	}
	fmt.Fprintf(w, "%d flows, %s in %s: %.0f packets/s\n", r.Flows, size(r.Bytes), seconds(r.Seconds), r.PacketsPerSecond)
}

// size prints a number of bytes to three digits or so.
func size(n uint64) string {
	if n < 10_000 {
		return fmt.Sprintf("%d B", n)
	}
	f, unit := float64(n)/1e3, "kB"
	for _, u := range []string{"MB", "GB", "TB", "PB", "EB"} {
		if f < 1e3 {
			break
		}
		f, unit = f/1e3, u
	}
	if f < 100 {
		return fmt.Sprintf("%.1f %s", f, unit)
	}
	return fmt.Sprintf("%.0f %s", f, unit)
}

// seconds prints a duration to three digits or so.
func seconds(s float64) string {
	d := time.Duration(s * 1e9)
	switch {
	case d < 10*time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < 10*time.Second:
		return d.Round(time.Millisecond).String()
	case d < 10*time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
