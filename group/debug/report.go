package debug

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// Source is what can be shown: a *group.Group, a *serve.Server, or some Execs (see Execs).
type Source interface{ Snapshot() group.Snapshot }

// Report is the whole of /stats.json: what a program that attaches to it decodes. Its names are those of the Go fields;
// durations are in nanoseconds.
type Report struct {
	Time       time.Time
	Program    string
	PID        int
	Go         string        // version
	GOMAXPROCS int           // processors that run Go code at once
	Uptime     time.Duration // since the program began
	Groups     []group.Snapshot
}

var begin = time.Now()

// NewReport takes a snapshot of each source. It panics if one is nil.
func NewReport(sources ...Source) Report {
	must(sources)
	r := Report{
		Time: time.Now(), Program: filepath.Base(os.Args[0]), PID: os.Getpid(),
		Go: runtime.Version(), GOMAXPROCS: runtime.GOMAXPROCS(0), Uptime: time.Since(begin),
	}
	for _, s := range sources {
		r.Groups = append(r.Groups, s.Snapshot())
	}
	return r
}

// check returns an error that names the first source that is nil.
func check(sources []Source) error {
	if i := slices.Index(sources, nil); i >= 0 {
		return fmt.Errorf("debug: source %d of %d is nil: it must be a group, a server, or debug.Execs", i, len(sources))
	}
	return nil
}

func must(sources []Source) {
	if err := check(sources); err != nil {
		panic(err)
	}
}

// Execs makes a Source of Execs that are in no group. They are shown as a group of that name, without a balancer. It
// panics if one of them is nil.
func Execs(name string, xs ...*exec.Exec) Source {
	if i := slices.Index(xs, nil); i >= 0 {
		panic(fmt.Errorf("debug: Exec %d of %d of %q is nil", i, len(xs), name))
	}
	return execs{name, xs}
}

type execs struct {
	name string
	xs   []*exec.Exec
}

func (e execs) Snapshot() group.Snapshot {
	s := group.Snapshot{Name: e.name}
	for i, x := range e.xs {
		m := group.Member{ID: i, Open: true, Weight: 1, Exec: x.Snapshot()}
		for _, in := range m.Exec.Inboxes {
			if !in.Control {
				m.Received += in.Received
			}
		}
		s.Accepted += m.Received
		s.Executed += m.Exec.Executed()
		s.Failed += m.Exec.Failed()
		s.Expired += m.Exec.Expired
		s.Returned += m.Exec.Returned
		s.Rejected += m.Exec.Rejects
		s.Members = append(s.Members, m)
	}
	s.Imbalance = group.ImbalanceOf(s.Members)
	return s
}
