package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// TestSelect: a family's name selects its rows and no others; what is empty or matches nothing is refused.
func TestSelect(t *testing.T) {
	families := []measure.Family{
		{Name: "ring", Rows: []measure.Row{{Name: "Ring/a"}, {Name: "Ring/b"}}},
		{Name: "exec", Rows: []measure.Row{{Name: "Exec/ring"}, {Name: "Exec/string/"}}},
	}
	for list, want := range map[string][]string{
		"":         {"Ring/a", "Ring/b", "Exec/ring", "Exec/string/"},
		"ring":     {"Ring/a", "Ring/b"},
		"RING/B":   {"Ring/b"},
		"g$,/a":    {"Ring/a", "Exec/ring"},
		"Exec,^.*": {"Ring/a", "Ring/b", "Exec/ring", "Exec/string/"},
	} {
		s, err := Select(families, list)
		require.NoError(t, err, list)
		var names []string
		for _, r := range s.Rows(families) {
			names = append(names, r.Name)
		}
		require.Equal(t, want, names, list)
	}
	for list, want := range map[string]string{
		",":       `-run "," has an empty part: each must be a family or a regexp`,
		"ring,":   `-run "ring," has an empty part`,
		"[":       `-run "[": error parsing regexp`,
		"ring,zz": `-run "zz" matches no row: bench -list prints their names`,
	} {
		_, err := Select(families, list)
		require.ErrorContains(t, err, want, list)
	}
}
