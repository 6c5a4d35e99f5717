package family

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNames: a family's rows carry its name, no two rows or implementations have one name, and every want names
// implementations that its row has.
func TestNames(t *testing.T) {
	rows := map[string]bool{}
	for _, f := range All() {
		require.NotEmpty(t, f.Does, f.Name)
		for _, r := range f.Rows {
			require.True(t, strings.HasPrefix(strings.ToLower(r.Name), f.Name+"/"), "%s is in family %s", r.Name, f.Name)
			require.False(t, rows[r.Name], "two rows are called %s", r.Name)
			require.NotContains(t, r.Name, " ", "benchstat ends a name there")
			rows[r.Name] = true
			names, labels := map[string]bool{"": true}, map[string]bool{}
			for _, im := range r.Impls {
				require.False(t, labels[im.Label()], "two implementations of %s are called %s", r.Name, im.Label())
				names[im.Name], labels[im.Label()] = true, true
			}
			for _, w := range r.Wants {
				require.True(t, names[w.Ours] && names[w.Peer], "%s: %s against %s", r.Name, w.Ours, w.Peer)
			}
		}
	}
}
