package metrics_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type gridPos struct{ X, Y, W, H int }

type panel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  gridPos
	Datasource               struct{ UID string }
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []struct {
		RefID, Expr string
		Datasource  struct{ UID string }
	}
}

type variable struct {
	Name, Type string
	Query      json.RawMessage // a string, or an object that has it
}

type dashboard struct {
	SchemaVersion int
	UID, Title    string
	Panels        []panel
	Templating    struct{ List []variable }
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	text, err := os.ReadFile("grafana/pushcore.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &d))
	require.NotEmpty(t, d.UID)
	require.Equal(t, 42, d.SchemaVersion, "that of Grafana 12 and 13")
	return d
}

func TestDashboardPanels(t *testing.T) {
	d := readDashboard(t)
	ids := map[int]bool{}
	for i, p := range d.Panels {
		require.False(t, ids[p.ID], "two panels have the id %d", p.ID)
		ids[p.ID] = true
		require.NotEmpty(t, p.Title, "panel %d", p.ID)
		g := p.GridPos
		require.True(t, g.X >= 0 && g.W > 0 && g.H > 0 && g.X+g.W <= 24, "%s: %+v", p.Title, g)
		for _, q := range d.Panels[:i] {
			require.False(t, overlap(g, q.GridPos), "%s lies on %s", p.Title, q.Title)
		}
		if p.Type == "row" {
			continue
		}
		require.NotEmpty(t, p.FieldConfig.Defaults.Unit, "%s has no unit", p.Title)
		require.NotEmpty(t, p.Description, "%s has no description", p.Title)
		require.Equal(t, "${datasource}", p.Datasource.UID, p.Title)
		require.NotEmpty(t, p.Targets, "%s shows nothing", p.Title)
		refs := map[string]bool{}
		for _, target := range p.Targets {
			require.False(t, refs[target.RefID], "%s has two queries %s", p.Title, target.RefID)
			refs[target.RefID] = true
			require.Equal(t, "${datasource}", target.Datasource.UID, p.Title)
		}
	}
}

func overlap(a, b gridPos) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}

// What the dashboard asks for is there, under that name and with those labels, and Prometheus can read it.
func TestDashboardQueries(t *testing.T) {
	d := readDashboard(t)
	var queries []string
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			requireKnown(t, target.Expr)
			require.Contains(t, target.Expr, `{instance=~"$instance", group=~"$group"`, "%s does not heed the variables", p.Title)
			queries = append(queries, target.Expr)
		}
	}
	vars := map[string]bool{}
	for _, v := range d.Templating.List {
		vars[v.Name] = true
		if v.Type != "query" {
			continue
		}
		var q struct{ Query string }
		require.NoError(t, json.Unmarshal(v.Query, &q))
		inner, ok := strings.CutPrefix(strings.TrimSuffix(q.Query, ")"), "label_values(")
		require.True(t, ok, q.Query)
		at := strings.LastIndex(inner, ",")
		requireKnown(t, inner[:at])
		require.Contains(t, labelsOf()[metricName.FindString(inner)], strings.TrimSpace(inner[at+1:]), q.Query)
		queries = append(queries, inner[:at])
	}
	require.Equal(t, map[string]bool{"datasource": true, "instance": true, "group": true, "exec": true}, vars)
	requireParse(t, queries)
}
