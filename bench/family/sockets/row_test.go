package sockets

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/stat"
)

// TestTable: what package family's test of names cannot know.
func TestTable(t *testing.T) {
	for _, r := range Family().Rows {
		require.NotEmpty(t, r.Does, r.Name)
		require.True(t, r.Slow, r.Name)
		require.Positive(t, r.Amount, r.Name)
		for _, im := range r.Impls {
			require.True(t, im.Program, r.Name)
			require.NotEmpty(t, im.Note, "%s/%s", r.Name, im.Label())
		}
	}
}

// TestShorts: the rows of the standard set have the servers that they name, and wants that can be judged.
func TestShorts(t *testing.T) {
	rows := shortRows(table())
	require.Len(t, rows, len(shorts))
	for i, r := range rows {
		var labels []string
		for _, sv := range r.servers {
			labels = append(labels, sv.label())
		}
		require.ElementsMatch(t, shorts[i].servers, labels, r.name)
		require.NotEmpty(t, r.wants, r.name)
		require.GreaterOrEqual(t, r.rounds, stat.LeastRounds)
		require.False(t, r.row(&programs{}).Full)
	}
}

func TestProcs(t *testing.T) {
	s := server{name: "gnet", program: peer("gnet"), args: addrFlag}
	vs := procs(s.with("lock", "A=1"), 1, 2)
	require.Len(t, vs, 2)
	for i, v := range vs {
		require.Equal(t, fmt.Sprintf("gnet-lock-procs=%d", i+1), v.label())
		require.Equal(t, fmt.Sprintf("A=1 GOMAXPROCS=%d gnet -addr ADDR", i+1), v.describe())
	}
	require.Empty(t, s.env)
}
