package observe

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/trace"
	"strings"
	"sync"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// What is written at most: the first stalls say as much as the hundredth, and writing a trace takes time, too.
const (
	MaxFiles = 10               // of one run
	MinPause = 10 * time.Second // between two of them
)

// flight records what the program does, all the while, and keeps the last seconds of it in memory.
type flight struct {
	dir      string
	w        io.Writer
	recorder *trace.FlightRecorder

	mu      sync.Mutex // of what follows
	files   int
	last    time.Time // that a file is of
	closed  bool
	writing sync.WaitGroup
	one     sync.Mutex // at a time may ask the recorder
}

func startFlight(dir string, w io.Writer) (*flight, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("-flight %s: %w", dir, err)
	}
	probe, err := os.CreateTemp(dir, ".probe-*") // it is better to know now
	if err != nil {
		return nil, fmt.Errorf("-flight %s: %w", dir, err)
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	f := &flight{dir: dir, w: w, recorder: trace.NewFlightRecorder(trace.FlightRecorderConfig{})}
	if err := f.recorder.Start(); err != nil {
		return nil, fmt.Errorf("-flight %s: %w", dir, err)
	}
	return f, nil
}

// stalled has a file written, unless there were too many. The caller watches other Execs, too, and does not wait for it.
func (f *flight) stalled(s exec.Stall) {
	at := s.Began.Add(s.For)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.files == MaxFiles || f.files > 0 && at.Sub(f.last) < MinPause {
		return
	}
	f.files++
	f.last = at
	left := MaxFiles - f.files
	f.writing.Go(func() {
		name, err := f.write(at, s.Exec)
		if err != nil {
			fmt.Fprintf(f.w, "flight: the trace of a stall of %s is lost: %v\n", s.Exec, err)
			return
		}
		fmt.Fprintf(f.w, "flight: what led to a stall of %s is in %s: go tool trace %s\n", s.Exec, name, name)
		if left == 0 {
			fmt.Fprintf(f.w, "flight: that was the last of %d files, later stalls get none\n", MaxFiles)
		}
	})
}

// write writes a file, which has its name once it is whole.
func (f *flight) write(at time.Time, of string) (string, error) {
	name := fmt.Sprintf("stall-%s-%s.trace", at.UTC().Format("20060102T150405.000Z"), clean(of))
	name = filepath.Join(f.dir, name)
	part, err := os.Create(name + ".part")
	if err != nil {
		return "", err
	}
	f.one.Lock()
	_, err = f.recorder.WriteTo(part)
	f.one.Unlock()
	if closed := part.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(part.Name(), name)
	}
	if err != nil {
		_ = os.Remove(part.Name())
	}
	return name, err
}

// clean makes a name of an Exec, such as proxy/0, one for a file.
func clean(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, name)
}

func (f *flight) close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.writing.Wait()
	f.recorder.Stop()
}
