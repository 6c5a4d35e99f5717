package balancesim_test

import (
	"strings"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancesim"
	"github.com/stretchr/testify/require"
)

func TestRank(t *testing.T) {
	cfg := balancesim.Config{Workers: 4, Load: 0.6, Items: 20_000, Runs: 4}
	traffic := []balancesim.Keys{{}, balancesim.UniformKeys(10_000), balancesim.HotKey(0.5, 10_000)}
	policies := []balancesim.Contender{
		{Name: "KeyHash", Policy: balance.KeyHash()},
		{Name: "RoundRobin", Policy: balance.RoundRobin()},
		{Name: "LeastLoaded", Policy: balance.LeastLoaded()},
	}
	table, err := balancesim.Rank(cfg, traffic, policies)
	require.NoError(t, err)
	again, err := balancesim.Rank(cfg, traffic, policies)
	require.NoError(t, err)
	for i, part := range table.Traffic {
		require.Equal(t, part.Rows, again.Traffic[i].Rows)
	}
	order := func(part balancesim.Traffic) (names []string) {
		for _, r := range part.Rows {
			names = append(names, r.Name)
		}
		return names
	}
	require.Equal(t, []string{"LeastLoaded", "RoundRobin", "KeyHash"}, order(table.Traffic[1]))
	require.Equal(t, []string{"LeastLoaded", "RoundRobin", "KeyHash"}, order(table.Traffic[2]))
	for _, r := range table.Traffic[2].Rows {
		require.Equal(t, r.Name == "KeyHash", r.Result.Overloaded(), "half of 2.4 is more than one worker can do")
		require.Equal(t, r.Name == "KeyHash", r.Ordered)
		require.Equal(t, r.Name == "KeyHash", r.Result.Reordered == 0)
	}

	var text strings.Builder
	require.NoError(t, table.WriteMarkdown(&text))
	t.Log("\n" + text.String())
	lines := strings.Split(text.String(), "\n")
	columns := 0
	for _, line := range lines {
		if strings.HasPrefix(line, "| policy") {
			columns = strings.Count(line, "|")
		}
		if strings.HasPrefix(line, "|") {
			require.Equal(t, columns, strings.Count(line, "|"), line)
		}
	}
	require.Contains(t, text.String(), "no keys: 4 workers, load 0.6:")
	require.Contains(t, text.String(), "| grows | grows |")
	require.Contains(t, text.String(), "| kept |")
}
