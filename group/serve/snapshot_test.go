package serve_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group/debug"
	"github.com/pushcore/pushcore/group/serve"
)

var _ debug.Source = (*serve.Server)(nil)

// A snapshot has the workers with their connections, and an acceptor of its own as one that is not open.
func TestSnapshot(t *testing.T) {
	for name, own := range map[string]*exec.Config{"on worker 0": nil, "on its own": {Spin: -1}} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, serve.Config{Name: "front", Workers: 2, Worker: whoami, Balance: balance.RoundRobin(), Acceptor: own})
			workers(t, s, 4)
			eventually(t, "all is counted", func() bool { return s.Stats().Net.Conns == 4 })
			g := s.Snapshot()
			require.Equal(t, "front", g.Name)
			if own != nil {
				require.Len(t, g.Members, 3)
				a := g.Members[2]
				require.Equal(t, 2, a.ID)
				require.False(t, a.Open)
				require.Equal(t, "front/acceptor", a.Exec.Name)
				require.NotZero(t, a.Exec.Turns)
				g.Members = g.Members[:2]
			}
			require.Len(t, g.Members, 2)
			for i, m := range g.Members {
				require.Equal(t, i, m.ID)
				require.True(t, m.Open)
				netio := slices.IndexFunc(m.Exec.Sources, func(s exec.SourceStats) bool { return s.Name == "netio" })
				require.GreaterOrEqual(t, netio, 0)
				require.Contains(t, m.Exec.Sources[netio].Counters, exec.Counter{Name: "Conns", Value: 2, Gauge: true})
			}
		})
	}
}
