package exec

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// noteThread is called on the thread when it begins. It gives the thread the Exec's name, for top and perf.
func (x *Exec) noteThread() {
	x.tid.Store(int64(unix.Gettid()))
	if name, err := unix.ByteSliceFromString(threadName(x.cfg.Name)); err == nil {
		_ = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(&name[0])), 0, 0, 0)
	}
}

// maxThreadName is what the system keeps of a name.
const maxThreadName = 15

// threadName shortens a name in the middle: the end often tells one worker from another.
func threadName(name string) string {
	if len(name) <= maxThreadName {
		return name
	}
	const end = 5
	return name[:maxThreadName-end-1] + "~" + name[len(name)-end:]
}

// osThread reads what the system says of the thread. What cannot be read is zero.
func (x *Exec) osThread() (t Thread) {
	if t.ID = int(x.tid.Load()); t.ID == 0 {
		return t
	}
	dir := fmt.Sprintf("/proc/self/task/%d/", t.ID)
	t.Running, t.Waiting = readSchedstat(dir)
	if text, err := os.ReadFile(dir + "stat"); err == nil {
		if f := statFields(text); len(f) > 36 {
			t.CPU, _ = strconv.Atoi(string(f[36]))
		}
	}
	text, _ := os.ReadFile(dir + "status")
	for line := range bytes.Lines(text) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		n, _ := strconv.ParseUint(string(bytes.TrimSpace(value)), 10, 64)
		switch string(name) {
		case "voluntary_ctxt_switches":
			t.Voluntary = n
		case "nonvoluntary_ctxt_switches":
			t.Involuntary = n
		}
	}
	return t
}

// statFields returns the fields of a stat file behind the name of the thread, which may contain anything: the first is
// the state.
func statFields(text []byte) [][]byte {
	return bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
}

// threadWaiting returns for how long the thread has waited for a processor. The system books a wait when it is over.
func (x *Exec) threadWaiting() time.Duration {
	_, waiting := readSchedstat(fmt.Sprintf("/proc/self/task/%d/", x.tid.Load()))
	return waiting
}

// threadRan returns for how long the thread has had a processor, to the moment.
func (x *Exec) threadRan() time.Duration {
	const perThread, sched = 4, 2 // of the number of a clock: CPUCLOCK_PERTHREAD, CPUCLOCK_SCHED
	var t unix.Timespec
	_ = unix.ClockGettime(int32(^x.tid.Load()<<3|perThread|sched), &t)
	return time.Duration(t.Nano())
}

// threadState returns what the thread is doing: see Stall.Thread.
func (x *Exec) threadState() string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/stat", x.tid.Load()))
	if err != nil {
		return ""
	}
	if f := statFields(text); len(f) > 0 {
		switch string(f[0]) {
		case "R":
			return "running"
		case "S":
			return "sleeping"
		case "D":
			return "blocked"
		}
	}
	return ""
}

func readSchedstat(dir string) (running, waiting time.Duration) {
	text, _ := os.ReadFile(dir + "schedstat")
	if f := bytes.Fields(text); len(f) >= 2 {
		a, _ := strconv.ParseInt(string(f[0]), 10, 64)
		b, _ := strconv.ParseInt(string(f[1]), 10, 64)
		return time.Duration(a), time.Duration(b)
	}
	return 0, 0
}
