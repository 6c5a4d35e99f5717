package metrics_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// countSeries returns how many series Prometheus stores for a snapshot.
func countSeries(t *testing.T, g group.Snapshot) (n int) {
	for _, values := range viaPrometheus(t, pedantic(t, fixed(g))) {
		n++
		if buckets := len(values) - 1; buckets > 0 {
			n += buckets + 1 // of a histogram: each bucket, the sum and the count
		}
	}
	return n
}

// The page says how many series there are, and lanes add none.
func TestNumberOfSeries(t *testing.T) {
	var g group.Snapshot
	empty := countSeries(t, g)
	full := filled()
	g.Members = full.Members[:1]
	x := &g.Members[0].Exec
	x.Sources[0].Counters = nil
	inbox, source := x.Inboxes[0], x.Sources[0]
	x.Inboxes, x.Sources = nil, nil
	worker := countSeries(t, g) - empty
	x.Inboxes = []exec.InboxStats{inbox}
	perInbox := countSeries(t, g) - worker - empty
	inbox.Lanes = append(inbox.Lanes, inbox.Lanes...)
	x.Inboxes = []exec.InboxStats{inbox}
	require.Equal(t, perInbox, countSeries(t, g)-worker-empty, "lanes add series")
	x.Inboxes, x.Sources = nil, []exec.SourceStats{source}
	perSource := countSeries(t, g) - worker - empty

	text, err := os.ReadFile(page)
	require.NoError(t, err)
	want := fmt.Sprintf("%d series for a group, %d for each worker, %d for each inbox and %d for each source",
		empty, worker, perInbox, perSource)
	require.True(t, strings.Contains(string(text), want), "%s does not say: %s", page, want)
}
