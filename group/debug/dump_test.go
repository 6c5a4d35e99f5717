package debug_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
)

var update = flag.Bool("update", false, "write testdata/dump.txt anew")

// The dump of known figures is what the file says, which people have read.
func TestDumpIsGolden(t *testing.T) {
	r := debug.Report{
		Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Program: "shop", PID: 4711, Go: "go1.26.0", GOMAXPROCS: 8,
		Uptime: 3723456 * time.Millisecond, Groups: []group.Snapshot{newFake().Snapshot(), {}},
	}
	var b bytes.Buffer
	require.NoError(t, r.Dump(&b))
	file := filepath.Join("testdata", "dump.txt")
	if *update {
		require.NoError(t, os.WriteFile(file, b.Bytes(), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String(), "go test -update writes the file, if the difference is right")
}

// Each heading says by itself what is below it.
func TestHeadingsOfADumpAreDistinct(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, debug.Dump(&b, newFake()))
	tables := 0
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "  id  ") {
			continue
		}
		tables++
		seen := map[string]bool{}
		for _, heading := range regexp.MustCompile(`\s{2,}`).Split(strings.TrimSpace(line), -1) {
			require.False(t, seen[heading], "%q is there twice: %s", heading, line)
			require.NotRegexp(t, `^(p\d+|max|now)$`, heading, line)
			seen[heading] = true
		}
	}
	require.Equal(t, 4, tables)
}

// Dump is the Report of its sources as text, written in one piece.
func TestDump(t *testing.T) {
	var w pieces
	require.NoError(t, debug.Dump(&w, newFake(), newFake()))
	require.Len(t, w, 1)
	require.Equal(t, 2, bytes.Count(w[0], []byte("\ngroup ingest, ")))
	require.Contains(t, string(w[0]), debug.NewReport().Program)
}

func TestDumpTellsWhoseStallItIs(t *testing.T) {
	f := newFake()
	dump := func() string {
		var b bytes.Buffer
		require.NoError(t, debug.Dump(&b, f))
		return b.String()
	}
	require.NotContains(t, dump(), "held up")
	f.state.Members[0].Exec.LastStall.HeldUp = true
	require.Contains(t, dump(), "preempted for 4ms (held up);")
}

func TestDumpTellsOfItsWriter(t *testing.T) {
	broken := errors.New("the disk is full")
	require.ErrorIs(t, debug.Dump(failing{broken}, newFake()), broken)
}

type pieces [][]byte

func (p *pieces) Write(b []byte) (int, error) {
	*p = append(*p, bytes.Clone(b))
	return len(b), nil
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
