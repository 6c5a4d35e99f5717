package metrics_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
	"github.com/pushcore/pushcore/group/metrics"
	"github.com/pushcore/pushcore/group/metrics/internal/table"
)

// pedantic returns a registry that checks what a collector says of itself.
func pedantic(t *testing.T, sources ...debug.Source) *prometheus.Registry {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	require.NoError(t, r.Register(metrics.NewCollector(sources...)))
	return r
}

func TestNamesFollowTheConventions(t *testing.T) {
	problems, err := testutil.CollectAndLint(metrics.NewCollector(fixed(filled())))
	require.NoError(t, err)
	require.Empty(t, problems)
	for i := range table.All {
		m := &table.All[i]
		require.Regexp(t, `^pushcore(\.[a-z]+(_[a-z]+)*){2}$`, m.Name)
		require.Regexp(t, `^(s|1|\{[a-z]+\})$`, m.Unit, m.Name)
		require.Regexp(t, `^[A-Z1].*\.$`, m.Help, m.Name)
	}
}

const exposition = `
# HELP pushcore_exec_busy_seconds_total Time spent in turns that did something.
# TYPE pushcore_exec_busy_seconds_total counter
pushcore_exec_busy_seconds_total{exec="g/0",group="g",worker="0"} 1.25
# HELP pushcore_exec_turns_total Passes of the loop.
# TYPE pushcore_exec_turns_total counter
pushcore_exec_turns_total{exec="g/0",group="g",worker="0"} 7
# HELP pushcore_exec_state 1 for the state that the Exec is in, 0 for the others.
# TYPE pushcore_exec_state gauge
pushcore_exec_state{exec="g/0",group="g",state="ended",worker="0"} 0
pushcore_exec_state{exec="g/0",group="g",state="made",worker="0"} 0
pushcore_exec_state{exec="g/0",group="g",state="running",worker="0"} 1
# HELP pushcore_exec_info Always 1; the label says which processors the thread may run on, empty if any.
# TYPE pushcore_exec_info gauge
pushcore_exec_info{cpus="0-2,5",exec="g/0",group="g",worker="0"} 1
# HELP pushcore_inbox_delay_seconds Time from the send of an item until it is offered to the handler; samples.
# TYPE pushcore_inbox_delay_seconds histogram
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="6.3e-08"} 1
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="2.55e-07"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="1.023e-06"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="4.095e-06"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="1.6383e-05"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="6.5535e-05"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="0.000262143"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="0.001048575"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="0.004194303"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="0.016777215"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="0.067108863"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="0.268435455"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="1.073741823"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="4.294967295"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="17.179869183"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="68.719476735"} 3
pushcore_inbox_delay_seconds_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="+Inf"} 4
pushcore_inbox_delay_seconds_sum{class="data",exec="g/0",group="g",inbox="new",worker="0"} 70.5
pushcore_inbox_delay_seconds_count{class="data",exec="g/0",group="g",inbox="new",worker="0"} 4
# HELP pushcore_inbox_batch_size Items that a call of the handler consumed.
# TYPE pushcore_inbox_batch_size histogram
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="1"} 2
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="3"} 2
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="7"} 3
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="15"} 3
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="31"} 3
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="63"} 3
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="127"} 3
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="255"} 3
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="511"} 3
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="1023"} 3
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="2047"} 3
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="4095"} 3
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="8191"} 3
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="16383"} 3
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="32767"} 3
pushcore_inbox_batch_size_bucket{class="data",exec="g/0",group="g",inbox="new",worker="0",le="+Inf"} 4
pushcore_inbox_batch_size_sum{class="data",exec="g/0",group="g",inbox="new",worker="0"} 40006
pushcore_inbox_batch_size_count{class="data",exec="g/0",group="g",inbox="new",worker="0"} 4
# HELP pushcore_inbox_lanes_depth Items that wait in lanes, all together; part of the depth.
# TYPE pushcore_inbox_lanes_depth gauge
pushcore_inbox_lanes_depth{class="data",exec="g/0",group="g",inbox="new",worker="0"} 5
# HELP pushcore_source_events_total What the source counts of its own, by name.
# TYPE pushcore_source_events_total counter
pushcore_source_events_total{exec="g/0",group="g",name="read_bytes",source="sockets",worker="0"} 9
# HELP pushcore_source_level What the source says of its state now, by name.
# TYPE pushcore_source_level gauge
pushcore_source_level{exec="g/0",group="g",name="open",source="sockets",worker="0"} 4
# HELP pushcore_group_imbalance_ratio What the worker with the most has had, divided by the mean of open workers, since the group was made: 1 is even.
# TYPE pushcore_group_imbalance_ratio gauge
pushcore_group_imbalance_ratio{group="g",of="busy"} 1.5
pushcore_group_imbalance_ratio{group="g",of="received"} 1
`

func TestExposition(t *testing.T) {
	in := exec.InboxStats{Name: "new", Consumed: 40007, Failed: 1}
	in.Lanes = []exec.LaneStats{{Cap: 8, Depth: 2}, {Cap: 8, Depth: 3}}
	in.Delay.Sum = 70*time.Second + 500*time.Millisecond
	in.Delay.Counts[0], in.Delay.Counts[1], in.Delay.Counts[8], in.Delay.Counts[exec.HistogramBuckets-1] = 1, 1, 1, 1
	in.BatchSizes[0], in.BatchSizes[2], in.BatchSizes[exec.BatchSizeBuckets-1] = 2, 1, 1
	x := exec.Snapshot{
		Name: "g/0", State: exec.StateRunning, CPUs: []int{0, 1, 2, 5}, Inboxes: []exec.InboxStats{in},
		Sources: []exec.SourceStats{{Name: "sockets", Counters: []exec.Counter{
			{Name: "read_bytes", Value: 9}, {Name: "open", Value: 4, Gauge: true},
		}}},
	}
	x.Turns, x.Busy = 7, 1250*time.Millisecond
	r := pedantic(t, fixed{
		Name: "g", Members: []group.Member{{Exec: x}}, Imbalance: group.Imbalance{Received: 1, Busy: 1.5},
	})
	var names []string
	for line := range strings.Lines(exposition) {
		if f := strings.Fields(line); len(f) > 2 && f[1] == "TYPE" {
			names = append(names, f[2])
		}
	}
	require.NoError(t, testutil.GatherAndCompare(r, strings.NewReader(exposition), names...))
}

// A bucket's bound is the longest duration that is in it, to the nanosecond.
func TestBucketsAreExact(t *testing.T) {
	var x exec.Snapshot
	for i := range x.TurnTime.Counts {
		x.TurnTime.Counts[i] = uint64(1) << (i % 50)
	}
	families, err := pedantic(t, fixed{Members: []group.Member{{Exec: x}}}).Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() != "pushcore_exec_turn_time_seconds" {
			continue
		}
		h := f.GetMetric()[0].GetHistogram()
		require.Equal(t, x.TurnTime.Count(), h.GetSampleCount())
		require.Len(t, h.GetBucket(), 16)
		for _, b := range h.GetBucket() {
			bound := time.Duration(math.Round(b.GetUpperBound() * 1e9))
			below, ends := uint64(0), false
			for i, n := range x.TurnTime.Counts {
				if exec.BucketEnd(i) <= bound+1 {
					below += n
				}
				ends = ends || exec.BucketEnd(i) == bound+1
			}
			require.True(t, ends, "no bucket ends after %v", bound)
			require.Equal(t, below, b.GetCumulativeCount(), "up to %v", bound)
		}
		return
	}
	t.Fatal("there is no such histogram")
}

// Names that are there twice, or are no text, must not cost anyone the whole scrape.
func TestNamesThatAreThereTwice(t *testing.T) {
	x := exec.Snapshot{
		Inboxes: []exec.InboxStats{
			{Name: "in", Consumed: 1}, {Name: "in", Consumed: 2}, {Name: "in#2", Consumed: 3}, {Name: "\xff", Consumed: 4},
		},
		Sources: []exec.SourceStats{{Name: "p"}, {Name: "p", Counters: []exec.Counter{{Name: "n"}, {Name: "n"}}}},
	}
	g := fixed{Name: "g", Members: []group.Member{{Exec: x}}, Decisions: []exec.Counter{{Name: "d"}, {Name: "d"}}}
	r := pedantic(t, g, g)
	require.NoError(t, testutil.GatherAndCompare(r, strings.NewReader(`
# HELP pushcore_inbox_consumed_total Items, and tasks, consumed.
# TYPE pushcore_inbox_consumed_total counter
pushcore_inbox_consumed_total{class="data",exec="",group="g",inbox="in",worker="0"} 1
pushcore_inbox_consumed_total{class="data",exec="",group="g",inbox="in#2",worker="0"} 2
pushcore_inbox_consumed_total{class="data",exec="",group="g",inbox="in#2#2",worker="0"} 3
pushcore_inbox_consumed_total{class="data",exec="",group="g",inbox="�",worker="0"} 4
pushcore_inbox_consumed_total{class="data",exec="",group="g#2",inbox="in",worker="0"} 1
pushcore_inbox_consumed_total{class="data",exec="",group="g#2",inbox="in#2",worker="0"} 2
pushcore_inbox_consumed_total{class="data",exec="",group="g#2",inbox="in#2#2",worker="0"} 3
pushcore_inbox_consumed_total{class="data",exec="",group="g#2",inbox="�",worker="0"} 4
`), "pushcore_inbox_consumed_total"))
	require.Equal(t, "in", x.Inboxes[1].Name, "what the source keeps was written to")
}

func TestNilSource(t *testing.T) {
	require.PanicsWithError(t, "metrics: source 1 of 2 is nil: it must be a group, a server, or debug.Execs", func() {
		metrics.NewCollector(fixed{}, nil)
	})
}
