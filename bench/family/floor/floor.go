// Package floor is the family of what the hardware, the kernel and the runtime take, whoever programs them: no other
// row can be better.
package floor

import "github.com/pushcore/pushcore/bench/internal/measure"

// Family lists the rows.
func Family() measure.Family {
	rows := append(hardwareRows(), kernelRows()...)
	rows = append(rows, jitterRows()...)
	return measure.Family{
		Name: "floor",
		Does: "what the hardware, the kernel and the runtime take: no other row can be better",
		Rows: append(rows, runtimeRows()...),
	}
}

func hardwareRows() []measure.Row {
	return []measure.Row{{
		Name:  "Floor/calibration",
		Does:  "a chain of dependent shifts: the clock of the core",
		Impls: []measure.Impl{measure.Calibration()},
	}, {
		Name:  "Floor/line",
		Does:  "a cache line from one cpu to the other and back",
		Impls: []measure.Impl{measure.Floor("roundtrip", measure.LineRoundTrip)},
	}, {
		Name:  "Floor/stream",
		Does:  "a line of 64 bytes of many that one cpu writes and the other reads, looking for each or for every 64th",
		Impls: []measure.Impl{measure.Peer("one", stream(1)), measure.Peer("by64", stream(64))},
		Full:  true,
	}, {
		Name:  "Floor/pause",
		Does:  "the instruction that polling loops wait with",
		Impls: []measure.Impl{measure.Peer("pause", pause)},
		Full:  true,
	}, {
		Name:  "Floor/atomic",
		Does:  "an atomic add: to a line of one's own, and to one that both cpus add to, per add of either",
		Impls: []measure.Impl{measure.Peer("own", addOwn), measure.Peer("shared", addShared)},
		Full:  true,
	}}
}

func kernelRows() []measure.Row {
	return []measure.Row{{
		Name:  "Floor/syscall",
		Does:  "getpid: bare, and as package syscall makes calls that may block, which tells the scheduler",
		Impls: []measure.Impl{measure.Peer("raw", getpidRaw), measure.Peer("syscall", getpidSyscall)},
	}, {
		Name:  "Floor/futexwake",
		Does:  "a thread asleep on the other cpu: from before the call that wakes it until it runs; the call alone",
		Impls: []measure.Impl{measure.Floor("futex", futexWake)},
		Few:   16,
	}}
}

func jitterRows() []measure.Row {
	row := func(beside, does string, full bool) measure.Row {
		return measure.Row{
			Name: "Floor/jitter/" + beside,
			Does: "the greatest time between two turns, " + does + ": of an Exec that polls; of a loop that reads the counter",
			Impls: measure.Join(measure.Ours("exec", jitter(execTurns, beside)),
				measure.Floor("bare", jitter(bareTurns, beside))),
			Amount: jitterTime,
			Few:    jitterTime / 20,
			Full:   full,
		}
	}
	return []measure.Row{
		row(alone, "alone", false),
		row(besideSpinner, "while another has the other cpu", true),
		row(besideGC, "beside a goroutine that keeps the garbage collector at work", true),
	}
}

func runtimeRows() []measure.Row {
	return []measure.Row{{
		Name:  "Floor/channel",
		Does:  "a value from one goroutine to another through a channel without a buffer",
		Impls: measure.Join(measure.Each("channel", handover), measure.Procs("channel", handover)[1]),
		Full:  true,
	}, {
		Name:  "Floor/gosched",
		Does:  "runtime.Gosched with nobody else to run: from a goroutine, and from one that is locked to its thread",
		Impls: measure.Join(measure.Procs("free", gosched), measure.Peer("locked", gosched)),
		Full:  true,
	}, {
		Name:  "Floor/now",
		Does:  "reading the clock: time.Now, and the cycle counter as this project reads it",
		Impls: measure.Join(measure.Peer("time.Now", timeNow), measure.Peer("ticks", ticks)),
		Full:  true,
	}}
}
