package exec

import (
	"bytes"
	"fmt"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
)

// goroutine is what the profile of all goroutines says of one, or of several that do the same.
type goroutine struct {
	labels string
	frames []frame // innermost first
	ready  bool    // it waits for nothing but a place among GOMAXPROCS, if it does not run
}

// frame is one call.
type frame struct{ function, place string }

// goroutines takes a profile of all goroutines.
func goroutines() (all []goroutine) {
	var text bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&text, 1)
	for block := range bytes.SplitSeq(text.Bytes(), []byte("\n\n")) {
		all = append(all, parseGoroutine(block))
	}
	return all
}

// What the lines of an entry look like: a number, "@", and addresses; labels; "#", an address, a function with an
// offset, and a place, with tabs between.
var (
	firstLine = regexp.MustCompile(`^\d+ @ 0x([0-9a-f]+)`)
	frameLine = regexp.MustCompile(`^#\t0x[0-9a-f]+\t(\S+)\+0x[0-9a-f]+\t+(.+)$`)
)

const labelsLine = "# labels: "

func parseGoroutine(block []byte) (g goroutine) {
	for line := range strings.Lines(string(block)) {
		line = strings.TrimRight(line, "\n")
		if m := frameLine.FindStringSubmatch(line); m != nil {
			g.frames = append(g.frames, frame{m[1], m[2]})
		} else if labels, ok := strings.CutPrefix(line, labelsLine); ok {
			g.labels = labels
		} else if m := firstLine.FindStringSubmatch(line); m != nil {
			g.ready = !waitsAt(m[1])
		}
	}
	return g
}

// waitsAt reports whether the address is one at which a goroutine waits for something, or is in a system call.
func waitsAt(hex string) bool {
	pc, err := strconv.ParseUint(hex, 16, 64)
	if err != nil {
		return true
	}
	f := runtime.FuncForPC(uintptr(pc))
	return f == nil || strings.Contains(f.Name(), "gopark") || strings.Contains(f.Name(), "yscall") || strings.Contains(f.Name(), "cgocall")
}

// Functions of this library by which the profile is read. TestStallKinds and the tests beside it fail if one gets another
// name.
const (
	library   = "github.com/pushcore/pushcore/"
	fnThread  = library + "exec.(*Exec).thread"
	fnCarrier = library + "exec.(*carrier).main"
	fnSwitch  = library + "exec.(*Local).switchTo"
)

// deepStack is a little less than how many frames a profile shows: of a deeper stack the outermost are missing.
const deepStack = 100

// culprit returns the goroutine that has x's loop. The loop's goroutine, and those of its coroutines, have x's label, as
// others that were begun there have; of the former, all but one are asleep in a switch.
func (x *Exec) culprit(all []goroutine) goroutine {
	label := fmt.Sprintf("%q:%q", labelID, x.id)
	var deep, unlabelled []goroutine
	for _, g := range all {
		ours := strings.Contains(g.labels, label)
		switch {
		case g.switched():
		case g.hasLoop() && ours:
			return g
		case g.hasLoop() && !strings.Contains(g.labels, labelID):
			unlabelled = append(unlabelled, g)
		case ours && len(g.frames) >= deepStack:
			deep = append(deep, g)
		}
	}
	for _, gs := range [][]goroutine{deep, unlabelled} { // unlabelled: the program has put labels of its own in the place of ours
		if len(gs) == 1 {
			return gs[0]
		}
	}
	return goroutine{}
}

// switched reports whether g sleeps until the loop is handed to it.
func (g *goroutine) switched() bool {
	for _, f := range g.frames {
		if !strings.HasPrefix(f.function, "iter.") && !strings.HasPrefix(f.function, "runtime.") {
			return f.function == fnSwitch
		}
	}
	return false
}

// hasLoop reports whether g is a loop's goroutine, or a coroutine's.
func (g *goroutine) hasLoop() bool {
	for _, f := range g.frames {
		if f.function == fnThread || f.function == fnCarrier {
			return true
		}
	}
	return false
}

// kinds tells from the outermost functions of the library what it has called.
var kinds = []struct{ function, kind string }{
	{fnCarrier, "coroutine"},
	{library + "exec.(*Local).runTimer", "timer"},
	{library + "exec.(*Local).fireTimers", "timer"},
	{library + "exec.RunTasks", "task"},
	{library + "exec.runControl", "task"},
	{library + "exec.(*Local).runQueue", "task"},
	{library + "exec.(*Local).runQueueTimed", "task"},
	{library + "exec.(*Local).runWoken", "task"},
	{library + "exec.(*polled).poll", "source"},
	{library + "exec.(*Inbox[...]).handle", "handler"},
	{library + "exec.(*Inbox[...]).expire", "handler"},
}

// describe says what the frames show.
func (g *goroutine) describe() (kind, function, stack string) {
	kind = "loop"
	ours := map[string]bool{}
	for i := len(g.frames) - 1; i >= 0; i-- {
		name := g.frames[i].function
		if !isLibrary(name) {
			function = name
			break
		}
		ours[name] = true
	}
	for _, k := range kinds {
		if ours[k.function] {
			kind = k.kind
			break
		}
	}
	var b strings.Builder
	for _, f := range g.frames {
		fmt.Fprintf(&b, "%s\n\t%s\n", f.function, f.place)
	}
	return kind, function, b.String()
}

// isLibrary reports whether a function is one of the packages that run what belongs to the program, or of what they
// stand on.
func isLibrary(function string) bool {
	for _, pkg := range []string{"exec.", "exec/netio.", "group.", "group/serve.", "ring.", "balance.", "internal/mem.", "internal/backoff.", "internal/gid."} {
		if strings.HasPrefix(function, library+pkg) {
			return true
		}
	}
	for _, pkg := range []string{"iter.", "runtime.", "runtime/", "internal/", "syscall.", "sync.", "sync/", "time.", "golang.org/x/sys/"} {
		if strings.HasPrefix(function, pkg) {
			return true
		}
	}
	return false
}
