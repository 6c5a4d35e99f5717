package exec

import (
	"bytes"
	"fmt"
	"regexp"
	"runtime/pprof"
	"strings"
)

// blame finds out what x is doing, from the profile of all goroutines. The loop's goroutine, and those of its
// coroutines, have x's label; the one of them that is not asleep in a switch has the loop.
func (x *Exec) blame() (kind, function, stack string) {
	var text bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&text, 1)
	label := fmt.Sprintf("%q:%q", labelID, x.id)
	var unlabelled [][]frame
	for block := range bytes.SplitSeq(text.Bytes(), []byte("\n\n")) {
		frames := parseFrames(block)
		if !hasLoop(frames) {
			continue
		}
		labels := labelsOf(block)
		if strings.Contains(labels, label) {
			return describe(frames)
		}
		if !strings.Contains(labels, labelID) {
			unlabelled = append(unlabelled, frames)
		}
	}
	if len(unlabelled) == 1 { // the program has put labels of its own in the place of ours
		return describe(unlabelled[0])
	}
	return "loop", "", ""
}

// frame is one line of the profile.
type frame struct{ function, place string }

// A line of the profile is "#", an address, a function with an offset, and a place, with tabs between.
var frameLine = regexp.MustCompile(`^#\t0x[0-9a-f]+\t(\S+)\+0x[0-9a-f]+\s+(\S+)$`)

// parseFrames returns the frames of one entry of the profile, innermost first.
func parseFrames(block []byte) (frames []frame) {
	for line := range bytes.Lines(block) {
		if m := frameLine.FindSubmatch(bytes.TrimRight(line, "\n")); m != nil {
			frames = append(frames, frame{string(m[1]), string(m[2])})
		}
	}
	return frames
}

func labelsOf(block []byte) string {
	for line := range bytes.Lines(block) {
		if rest, ok := bytes.CutPrefix(line, []byte("# labels: ")); ok {
			return string(rest)
		}
	}
	return ""
}

// Functions of this library by which the profile is read. TestBlame fails if one has another name.
const (
	library   = "github.com/pushcore/pushcore/"
	fnThread  = library + "exec.(*Exec).thread"
	fnCarrier = library + "exec.(*carrier).main"
	fnSwitch  = library + "exec.(*Local).switchTo"
)

// hasLoop reports whether frames are those of a goroutine that has a loop: a loop's or a coroutine's, and not asleep in
// a switch.
func hasLoop(frames []frame) bool {
	for _, f := range frames {
		switch {
		case strings.HasPrefix(f.function, "iter.") || strings.HasPrefix(f.function, "runtime."):
			continue
		case f.function == fnSwitch:
			return false
		}
		break
	}
	for _, f := range frames {
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
	{library + "exec.(*polled).poll", "source"},
	{library + "exec.(*Inbox[...]).handle", "handler"},
	{library + "exec.(*Inbox[...]).expire", "handler"},
}

// describe says what the frames show.
func describe(frames []frame) (kind, function, stack string) {
	kind = "loop"
	ours := map[string]bool{}
	for i := len(frames) - 1; i >= 0; i-- {
		name := frames[i].function
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
	if kind == "loop" {
		function = ""
	}
	var b strings.Builder
	for _, f := range frames {
		fmt.Fprintf(&b, "%s\n\t%s\n", f.function, f.place)
	}
	return kind, function, b.String()
}

// isLibrary reports whether a function is one of the packages that run what belongs to the program, or of what they
// stand on.
func isLibrary(function string) bool {
	for _, pkg := range []string{library + "exec.", library + "exec/netio.", library + "group.", library + "group/serve.", "iter.", "runtime."} {
		if strings.HasPrefix(function, pkg) {
			return true
		}
	}
	return false
}
