package metrics_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group/metrics/internal/table"
)

const page = "../../docs/observability.md"

// cells returns the cells of the page's tables with that many columns, without their heads.
func cells(t *testing.T, columns int) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	head := true
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			head = true
			continue
		}
		row := strings.Split(strings.Trim(line, "| "), " | ")
		if strings.HasPrefix(line, "|--") {
			head = false
		} else if !head && len(row) == columns {
			rows = append(rows, row)
		}
	}
	return rows
}

// The page has each metric once: its names, its kind and unit, what it means as the program says it, and what to do.
func TestPageExplainsEveryMetric(t *testing.T) {
	kinds := map[table.Kind]string{
		table.Counter: "counter", table.UpDown: "gauge", table.Gauge: "gauge", table.Histogram: "histogram",
	}
	explained := map[string]bool{}
	for _, row := range cells(t, 5) {
		require.False(t, explained[row[0]], "%s is explained twice", row[0])
		explained[row[0]] = true
		require.NotEmpty(t, row[4], "%s: what is to be done?", row[0])
	}
	for i := range table.All {
		m := &table.All[i]
		name := "`" + m.Prometheus() + "`"
		require.True(t, explained[name], "%s does not explain %s", page, name)
		delete(explained, name)
		for _, row := range cells(t, 5) {
			if row[0] == name {
				require.Equal(t, []string{"`" + m.Name + "`", kinds[m.Kind] + ", `" + m.Unit + "`", m.Help}, row[1:4], name)
			}
		}
	}
	require.Empty(t, explained, "%s explains what there is not", page)
}

// Depth is of the ring and of the lanes: what it is compared with must be, too.
func TestPageHoldsDepthAgainstAllRoom(t *testing.T) {
	found := 0
	for _, row := range cells(t, 5) {
		if strings.Contains(row[0], "depth_max") || row[0] == "`pushcore_inbox_capacity`" {
			found++
			require.Contains(t, row[3]+row[4], "`pushcore_inbox_lanes_capacity`", row[0])
		}
	}
	require.Equal(t, 3, found)
}

// What a stall is due to is told apart in the same way wherever it is told.
func TestPageAndAlertAgreeOnStalls(t *testing.T) {
	var texts []string
	for _, row := range cells(t, 5) {
		if row[0] == "`pushcore_exec_stalls_total`" {
			texts = append(texts, row[4])
		}
	}
	for _, a := range readAlerts(t) {
		if a.Alert == "PushcoreStalls" {
			texts = append(texts, a.Annotations["action"])
		}
	}
	require.Len(t, texts, 2)
	for _, text := range texts {
		for _, cause := range []string{"sleeping", "computes", "GOMAXPROCS", "GoBlocking", "running", "not to blame"} {
			require.Contains(t, text, cause)
		}
	}
}

func TestPageNamesOnlyWhatThereIs(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	for _, name := range regexp.MustCompile(`pushcore_[a-z]+_[a-z_]+`).FindAllString(string(text), -1) {
		require.Condition(t, func() bool { return isMetric(name) }, "there is no %s", name)
	}
	var queries []string
	for _, block := range regexp.MustCompile("(?s)```promql\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for q := range strings.Lines(block[1]) {
			requireKnown(t, q)
			queries = append(queries, strings.TrimSpace(q))
		}
	}
	require.NotEmpty(t, queries)
	requireParse(t, queries)
}

func TestPageSaysWhatNoMetricShows(t *testing.T) {
	said := map[string]bool{}
	for _, row := range cells(t, 2) {
		said[strings.Trim(row[0], "`")] = true
		require.NotEmpty(t, row[1], row[0])
	}
	for path := range withoutMetric {
		require.True(t, said[path], "%s does not say why no metric shows %s", page, path)
	}
	require.Len(t, said, len(withoutMetric))
}

func TestPageListsEveryAlert(t *testing.T) {
	listed := map[string]string{}
	for _, row := range cells(t, 3) {
		listed[strings.Trim(row[0], "`")] = row[2]
	}
	want := map[string]string{}
	for _, a := range readAlerts(t) {
		want[a.Alert] = a.Labels["severity"]
	}
	require.Equal(t, want, listed)
}
