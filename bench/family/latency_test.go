package family

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/ages"
)

// withoutLatency are the rows that have no latency row beside them, and why.
var withoutLatency = []struct{ rows, why string }{
	{`/latency/|/wake/|/parked`, "is one itself"},
	{`^Floor/`, "the figure is the time that one thing takes, and no queue is there in which it could wait"},
	{`^Ring/.*/bare$`, "what the calls take; nothing is under way"},
	{`^Exec/stats/`, "the same with and without an account of it: what differs is what the account costs"},
	{`^Exec/(call|timer)`, "one thing at a time: its time is its latency"},
	{`^Exec/(repost|chain|chained_spawn|yield_many|ping_pong)`,
		"everything is on one loop and ready at once: the time of " +
			"an operation is the loop's, and how long one waits is how many there are"},
	{`^Exec/spawn_many`, "ten thousand at once: the last one waits for all others; see Exec/closure for one that is due"},
	{`^Group/(pick|stage)`, "what a call costs its caller; nothing is under way"},
	{`^Pipeline/ping-pong`, "has percentiles of the round trip"},
	{`^Pipeline/flowmeter`, "a whole program over a file: nobody waits for a packet"},
	{`^Net/short/`, "a look at rows that have theirs"},
	{`^Net/.*/(pipeline|P)=16|^Net/udp/bulk`, "clients that send many at once: how long one waits is how many there are"},
	{`^Net/proxy/stream`, "streams as large as they get: the time of a stream is its size over the rate"},
	{`^Net/httpd/json/.*workers=2`, "client and server share both cpus: a client that never sleeps would take " +
		"a worker's, and one that does would be late itself"},
	{`^Net/idle/`, "memory of connections on which nothing happens"},
	{`^Affinity/`, "the rows come in pairs: ring and stream are the throughput of what ping is the latency of"},
	{`^Idle/(workers|pools|quota)`, "processor time of those who wait, and of those who are held back"},
	{`^Idle/oversubscribed`, "how long a value waits is which worker has its time slice: Group/values/workers=2 has it"},
}

// TestEveryThroughputHasItsLatency: a row of throughput has, under its own name, a latency row for each load, or it is
// on the list; and the list names nothing that is not there or has its rows.
func TestEveryThroughputHasItsLatency(t *testing.T) {
	names := map[string]bool{}
	for _, f := range All() {
		for _, r := range f.Rows {
			require.False(t, names[r.Name], "%s is there twice", r.Name)
			names[r.Name] = true
		}
	}
	used := make([]bool, len(withoutLatency))
	for name := range names {
		listed := false
		for i, w := range withoutLatency {
			if regexp.MustCompile(w.rows).MatchString(name) {
				used[i], listed = true, true
			}
		}
		for _, load := range ages.Loads {
			latency := fmt.Sprintf("%s/latency/load=%d", name, load)
			require.NotEqual(t, listed, names[latency], "%s: is it on the list: %v; is %s there: %v",
				name, listed, latency, names[latency])
		}
		if of, _, ok := strings.Cut(name, "/latency/load="); ok {
			require.True(t, names[of], "%s is the latency of nothing", name)
		}
	}
	for i, w := range withoutLatency {
		require.True(t, used[i], "%s is on the list, and there is none", w.rows)
		require.NotEmpty(t, w.why)
	}
}
