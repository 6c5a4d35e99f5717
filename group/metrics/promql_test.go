package metrics_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/pushcore/pushcore/group/metrics/internal/table"
)

// promtool runs Prometheus' own tool, which apt has in the package prometheus.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("promtool is not installed: apt-get install prometheus")
		}
		t.Skip("promtool is not installed")
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

var (
	metricName = regexp.MustCompile(`\bpushcore_[a-z_]+`)
	selector   = regexp.MustCompile(`\b(pushcore_[a-z_]+)\{([^}]*)\}`)
	matcher    = regexp.MustCompile(`([a-z]+)(=~|!~|!=|=)"`)
	grouping   = regexp.MustCompile(`\b(?:by|without|on|ignoring) \(([^)]*)\)`)
)

// labelsOf returns the labels that each series has that Prometheus stores, by name.
func labelsOf() map[string][]string {
	all := map[string][]string{}
	for i := range table.All {
		m := &table.All[i]
		name, labels := m.Prometheus(), append([]string{"job", "instance"}, m.Labels...)
		if m.Kind != table.Histogram {
			all[name] = labels
			continue
		}
		all[name+"_bucket"], all[name+"_sum"], all[name+"_count"] = append(labels, "le"), labels, labels
	}
	return all
}

// requireKnown checks that there are all metrics and labels that a query asks for.
func requireKnown(t *testing.T, query string) {
	t.Helper()
	known := labelsOf()
	names := metricName.FindAllString(query, -1)
	require.NotEmpty(t, names, query)
	labels := []string{}
	for _, name := range names {
		require.Contains(t, known, name, query)
		labels = append(labels, known[name]...)
	}
	for _, s := range selector.FindAllStringSubmatch(query, -1) {
		for _, m := range matcher.FindAllStringSubmatch(s[2], -1) {
			require.Contains(t, known[s[1]], m[1], "%s has no such label: %s", s[1], query)
		}
	}
	for _, g := range grouping.FindAllStringSubmatch(query, -1) {
		for label := range strings.SplitSeq(g[1], ",") {
			require.Contains(t, labels, strings.TrimSpace(label), query)
		}
	}
}

// requireParse checks that Prometheus can read the queries.
func requireParse(t *testing.T, queries []string) {
	t.Helper()
	type rule struct{ Record, Expr string }
	var rules []rule
	for i, q := range queries {
		rules = append(rules, rule{fmt.Sprintf("query:%d", i), strings.ReplaceAll(q, "$__rate_interval", "5m")})
	}
	text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "queries", "rules": rules}}})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "rules.yml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	promtool(t, "check", "rules", file)
}

type alert struct {
	Alert, Expr string
	Labels      map[string]string
	Annotations map[string]string
}

func readAlerts(t *testing.T) (alerts []alert) {
	t.Helper()
	text, err := os.ReadFile("alerts.yml")
	require.NoError(t, err)
	var file struct{ Groups []struct{ Rules []alert } }
	require.NoError(t, yaml.Unmarshal(text, &file))
	for _, g := range file.Groups {
		alerts = append(alerts, g.Rules...)
	}
	require.NotEmpty(t, alerts)
	return alerts
}

func TestAlertsSayWhatToDo(t *testing.T) {
	for _, a := range readAlerts(t) {
		requireKnown(t, a.Expr)
		require.Contains(t, []string{"critical", "warning"}, a.Labels["severity"], a.Alert)
		for _, name := range []string{"summary", "description", "action"} {
			text := a.Annotations[name]
			require.NotEmpty(t, text, "%s has no %s", a.Alert, name)
			for _, m := range metricName.FindAllString(text, -1) {
				require.Condition(t, func() bool { return isMetric(m) }, "%s: %s names %s", a.Alert, name, m)
			}
		}
	}
}

// isMetric says whether name is that of a metric, or of a series of a histogram.
func isMetric(name string) bool {
	if _, ok := labelsOf()[name]; ok {
		return true
	}
	return slices.ContainsFunc(table.All, func(m table.Metric) bool { return m.Prometheus() == name })
}

func TestAlertsFireWhenTheyShould(t *testing.T) {
	text, err := os.ReadFile("alerts_test.yml")
	require.NoError(t, err)
	for _, a := range readAlerts(t) {
		require.True(t, strings.Contains(string(text), `alertname="`+a.Alert+`"`), "no test makes %s fire", a.Alert)
	}
	for _, s := range selector.FindAllStringSubmatch(string(text), -1) {
		requireKnown(t, s[0])
	}
	promtool(t, "check", "rules", "alerts.yml")
	promtool(t, "test", "rules", "alerts_test.yml")
}
