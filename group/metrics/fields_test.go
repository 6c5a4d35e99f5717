package metrics_test

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
	"github.com/pushcore/pushcore/group/metrics/internal/table"
)

// withoutMetric says which fields of snapshots no metric shows, and why. docs/observability.md says the same.
var withoutMetric = map[string]string{
	"Workers":                                "the members have it",
	"Members[].Exec.Batches":                 "the sum over inboxes",
	"Members[].Exec.BatchSizes":              "the sum over inboxes",
	"Members[].Exec.QueueDelay":              "the sum over inboxes",
	"Members[].Exec.Inboxes[].Batches":       "the count of pushcore_inbox_batch_size",
	"Members[].Exec.Inboxes[].Lanes[].Taken": "part of the items of the inbox, and gone with the lane",
	"Members[].Exec.Thread.ID":               "a name",
	"Members[].Exec.LastStall.Exec":          "the Exec's name",
	"Members[].Exec.LastStall.Kind":          "a text",
	"Members[].Exec.LastStall.Function":      "a text",
	"Members[].Exec.LastStall.Stack":         "a text",
	"Members[].Exec.LastStall.Thread":        "a text",
	"Members[].Exec.LastStall.Suppressed":    "part of pushcore_exec_stalls_total",
}

// Whatever changes in a snapshot changes a metric, or is on the list above. Which metric that is, and by how much, is in
// testdata/fields.txt, one line for each field; UPDATE=1 writes it anew, for somebody to read.
func TestEveryFieldHasAMetric(t *testing.T) {
	g := filled()
	before := series(g)
	changes := map[string]map[string]bool{}
	walk(reflect.ValueOf(&g).Elem(), "", func(path string, change func() (undo func())) {
		undo := change()
		changed := difference(before, series(g))
		undo()
		_, left := withoutMetric[path]
		require.NotEqual(t, len(changed) > 0, left,
			"%s: metrics that show it: %v; it is on the list of what none shows: %v", path, changed, left)
		if changes[path] == nil {
			changes[path] = map[string]bool{}
		}
		for _, c := range changed {
			changes[path][c] = true
		}
	})
	for path := range withoutMetric {
		require.Contains(t, changes, path, "it is on the list of what no metric shows, but there is no such field")
	}
	require.Equal(t, before, series(g), "the test has not undone what it did")

	var lines strings.Builder
	for _, path := range slices.Sorted(maps.Keys(changes)) {
		names := slices.Sorted(maps.Keys(changes[path]))
		switch len(names) {
		case 0:
			fmt.Fprintln(&lines, path, "-")
		case 1, 2:
			fmt.Fprintln(&lines, path, strings.Join(names, ", "))
		default: // a name, which is a label of all that is in what has it
			fmt.Fprintln(&lines, path, names[0], "to", names[len(names)-1])
		}
	}
	if os.Getenv("UPDATE") != "" {
		require.NoError(t, os.WriteFile("testdata/fields.txt", []byte(lines.String()), 0o644))
	}
	want, err := os.ReadFile("testdata/fields.txt")
	require.NoError(t, err)
	require.Equal(t, string(want), lines.String())
}

// difference says which metrics are not the same: by how much, or in what.
func difference(before, after map[string]table.Sample) (names []string) {
	for k, a := range after {
		name, _, _ := strings.Cut(k, "[")
		switch b, ok := before[k]; {
		case !ok:
			names = append(names, name+" label")
		case !slices.Equal(a.Distribution.Counts, b.Distribution.Counts):
			names = append(names, name+" count")
		case a.Distribution.Sum != b.Distribution.Sum:
			names = append(names, fmt.Sprintf("%s sum %+.3g", name, a.Distribution.Sum-b.Distribution.Sum))
		case a.Value != b.Value:
			names = append(names, fmt.Sprintf("%s %+.3g", name, a.Value-b.Value))
		}
	}
	return names
}

// series returns the values of all series of a snapshot, by name and labels.
func series(g group.Snapshot) map[string]table.Sample {
	all := map[string]table.Sample{}
	for i := range table.All {
		m := &table.All[i]
		m.Read(table.Take([]debug.Source{fixed(g)}), func(s table.Sample) {
			name := m.Name
			if last := len(s.Labels) - 1; slices.Contains([]string{"of", "change", "kind", "state"}, m.Labels[last]) {
				name += "{" + s.Labels[last] + "}"
			}
			all[fmt.Sprint(name, s.Labels)] = s
		})
	}
	return all
}

var (
	index  = regexp.MustCompile(`\[\d+\]`)
	bucket = regexp.MustCompile(`(Counts|BatchSizes|CPUs)\[\]$`)
)

// walk calls visit with each field that is not made of others, and a function that changes it. What is in a slice or
// an array has the path of the field that it is in, with [] in place of the index. Of a histogram that no metric
// shows, the histogram itself is visited.
func walk(v reflect.Value, path string, visit func(path string, change func() func())) {
	name := index.ReplaceAllString(path, "[]")
	set := func(to any) {
		visit(bucket.ReplaceAllString(name, "$1"), func() func() {
			old := reflect.New(v.Type()).Elem()
			old.Set(v)
			v.Set(reflect.ValueOf(to).Convert(v.Type()))
			return func() { v.Set(old) }
		})
	}
	switch v.Kind() {
	case reflect.Struct:
		if when, ok := v.Interface().(time.Time); ok {
			set(when.Add(time.Second))
			return
		}
		if _, none := withoutMetric[name]; none && v.Type() == reflect.TypeFor[exec.Histogram]() {
			set(exec.Histogram{})
			return
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch {
			case f.Anonymous:
				walk(v.Field(i), path, visit)
			case path == "":
				walk(v.Field(i), f.Name, visit)
			default:
				walk(v.Field(i), path+"."+f.Name, visit)
			}
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[[]exec.Stats]() {
			set([]exec.Stats{})
			return
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			walk(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
	case reflect.Pointer:
		walk(v.Elem(), path, visit)
	case reflect.String:
		if v.Type() == reflect.TypeFor[exec.State]() {
			set(exec.StateEnded)
			return
		}
		set(v.String() + "!")
	case reflect.Bool:
		set(!v.Bool())
	case reflect.Float64:
		set(v.Float() + 1)
	case reflect.Int, reflect.Int64:
		set(v.Int() + 1000)
	case reflect.Uint32, reflect.Uint64:
		set(v.Uint() + 1000)
	default:
		panic(fmt.Sprintf("walk does not know %s", v.Type()))
	}
}
