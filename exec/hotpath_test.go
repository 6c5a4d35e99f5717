//go:build amd64 && !race && !portable

package exec_test

import (
	"bufio"
	"bytes"
	"fmt"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// The roots of local dispatch: a turn, and what it calls through an interface
// while local tasks re-post themselves. Instances of generic functions are meant
// where the brackets are empty.
var dispatch = []string{
	"exec.(*Local).turn", "exec.(*Local).Spawn", "exec.(*ladder).worked",
	"exec.(*Inbox[]).poll", "exec.RunTasks", "exec.runControl",
	"ring.(*SPSC[]).Release", "ring.(*MPSC[]).Release",
	"exec_test.(*reposter).Run",
}

// What local dispatch has to contain, so that a renamed function does not slip
// out of the test.
var contained = []string{"exec.(*Local).runPhases", "exec.(*Local).runQueue", "exec.(*Local).account",
	"exec.(*Local).publish", "mem.storeReleaseAll", "mem.counter", "exec.(*laneSet[]).poll"}

// What is called from there on rare occasions only, and when.
var rare = map[string]string{
	"exec.(*laneSet[]).adopt":      "a lane was opened",
	"exec.(*Local).askNoMore":      "parks have come thick, and do not any more",
	"exec.(*Local).fireTimers":     "a timer is due",
	"exec.(*Local).fail":           "something panicked",
	"exec.(*Local).runReady":       "there are coroutines, whose switches have locked instructions of the runtime's",
	"exec.(*Local).runWoken":       "a Waker was woken",
	"exec.(*Local).takeReplies":    "an answer has come",
	"exec.(*Local).traced":         "an execution trace was begun or ended",
	"exec.(*Local).inRegion":       "an execution trace is taken",
	"exec.(*Inbox[]).handleTraced": "the same",
	"exec.(*sampler).block":        "something was timed",
	"exec.(*Local).trim":           "the loop has been idle for long",
	"ring.panicRange":              "a panic",
	"fmt.Sprintf":                  "the text of a panic",
	"runtime.convT64":              "a number in it (anywhere else TestNoAllocations would see it)",
	"runtime.convTstring":          "a name in it",
	"runtime.deferreturn":          "OnPanic is set, and this is not the way out of a turn that went well",
	"runtime.gorecover":            "something panicked",
}

// What the compiler itself calls the runtime for. They move memory, grow the
// stack, feed the write barrier while a collection runs, or panic.
var compiled = regexp.MustCompile(`^runtime\.(gcWriteBarrier[1-8]|morestack(_noctxt)?|ifaceeq|panic[A-Z]\w*|goPanic\w*|gopanic|typedmemmove|wbMove|wbZero|bulkBarrierPreWrite|memmove|memclrNoHeapPointers|memclrHasPointers|duffcopy|duffzero)$`)

var (
	textLine = regexp.MustCompile(`^TEXT (.+)\(SB\) `)
	callLine = regexp.MustCompile(`^(?:CALL|JMP) (.+?)(?:\+\d+)?\(SB\)$`)
	// LOCK is a prefix that the disassembler prints before the instruction. An
	// XCHG locks by itself if memory is involved; between registers it is padding.
	lockLine = regexp.MustCompile(`^LOCK\b|^XCHG\w* .*\(`)
	typeArgs = regexp.MustCompile(`\[.*\]`)
)

// program is the instructions of each function, by its short name.
type program map[string][]string

func shorten(symbol string) string {
	symbol = typeArgs.ReplaceAllString(strings.TrimSuffix(symbol, ".abi0"), "[]")
	if i := strings.LastIndex(strings.SplitN(symbol, "(", 2)[0], "/"); i >= 0 {
		symbol = symbol[i+1:]
	}
	return symbol
}

// disassemble builds this package's tests and takes the binary apart.
func disassemble(t *testing.T) program {
	t.Helper()
	if _, err := osexec.LookPath("go"); err != nil {
		t.Skip("needs the go command to disassemble with: ", err)
	}
	bin := filepath.Join(t.TempDir(), "exec.test")
	out, err := osexec.Command("go", "test", "-c", "-o", bin, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	out, err = osexec.Command("go", "tool", "objdump", "-s", `pushcore/pushcore/|^fmt\.Sprintf$`, bin).Output()
	require.NoError(t, err)
	p, name := program{}, ""
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		if m := textLine.FindStringSubmatch(lines.Text()); m != nil {
			name = shorten(m[1])
		} else if f := strings.Fields(lines.Text()); len(f) > 3 {
			p[name] = append(p[name], strings.Join(f[3:], " "))
		}
	}
	require.NoError(t, lines.Err())
	return p
}

// locked follows the direct calls from the roots. It returns what it found wrong
// and the functions that it has seen.
func (p program) locked(roots []string) (bad, seen []string) {
	seen = slices.Clone(roots)
	for i := 0; i < len(seen); i++ { // seen grows
		name := seen[i]
		if len(p[name]) == 0 {
			bad = append(bad, name+" was not disassembled")
		}
		for _, ins := range p[name] {
			if lockLine.MatchString(ins) {
				bad = append(bad, name+": "+ins)
			}
			m := callLine.FindStringSubmatch(ins)
			if m == nil {
				continue
			}
			callee := shorten(m[1])
			switch _, isRare := rare[callee]; {
			case isRare || compiled.MatchString(callee) || slices.Contains(seen, callee):
			case strings.HasPrefix(callee, "runtime."):
				bad = append(bad, fmt.Sprintf("%s calls %s, which is not known to be harmless", name, callee))
			default:
				seen = append(seen, callee)
			}
		}
	}
	return bad, seen
}

// Taking, running and re-posting local tasks executes no LOCK-prefixed and no
// XCHG instruction.
func TestLocalDispatchHasNoLock(t *testing.T) {
	p := disassemble(t)
	bad, seen := p.locked(dispatch)
	for _, name := range contained {
		require.Contains(t, seen, name)
	}
	require.Empty(t, bad, "looked at %v", seen)

	// The checker can fail: on an atomic store, also behind a call, and on a call
	// that it knows nothing about.
	for _, used := range []any{storesAtomically, callsWhatLocks, sendsOnAChannel} {
		require.NotNil(t, used, "so that the linker keeps it")
	}
	bad, _ = p.locked([]string{"exec_test.storesAtomically"})
	require.Len(t, bad, 1)
	require.Regexp(t, `storesAtomically: XCHG`, bad[0])
	bad, _ = p.locked([]string{"exec_test.callsWhatLocks"})
	require.Len(t, bad, 2)
	require.Regexp(t, `addsAtomically: LOCK`, bad[0])
	bad, _ = p.locked([]string{"exec_test.sendsOnAChannel"})
	require.Len(t, bad, 1)
	require.Regexp(t, `sendsOnAChannel calls runtime.chansend1`, bad[0])
}

//go:noinline
func storesAtomically(v *atomic.Uint64) { v.Store(1) }

//go:noinline
func addsAtomically(v *atomic.Uint64) { v.Add(1); v.And(3) }

//go:noinline
func callsWhatLocks(v *atomic.Uint64) { addsAtomically(v) }

//go:noinline
func sendsOnAChannel(c chan int) { c <- 1 }
