package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pushcore/pushcore/balance/balancesim"
	"github.com/stretchr/testify/require"
)

// A mistake on the command line is one clear line.
func TestFlags(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-table x", `-table "x" is none: it must be zipf, queueing, moves, live or all`},
		{"-traffic zipf,x", `-traffic "x" is none: it must be uniform, zipf or hot`},
		{"-policies [", `-policies "[": error parsing regexp`},
		{"-policies nothing", `-policies "nothing" matches no policy: -list prints their names`},
		{"-workers 1", "-workers 1 is out of range: it must be from 2 to 1024"},
		{"-load 1", "-load 1 is out of range: it must be from 0.01 to 0.99"},
		{"-load NaN", "-load NaN is out of range"},
		{"-items 10", "-items 10 is out of range: it must be from 1000 to 100000000"},
		{"-runs 1", "-runs 1 is out of range: it must be from 2 to 1000"},
		{"-unit 1us", "-unit 1µs is out of range: it must be from 100µs to 1s"},
		{"-each 1ms", "-each 1ms is out of range: it must be from 100ms to 10m"},
		{"-rounds 0", "-rounds 0 is out of range: it must be from 1 to 100"},
		{"-seed x", "invalid value"},
		{"-what", "not defined: -what"},
		{"zipf", `unexpected argument "zipf"`},
	} {
		_, err := parse(strings.Fields(c.args))
		require.ErrorContains(t, err, c.want, c.args)
		require.NotContains(t, err.Error(), "\n")
	}
	o, err := parse(nil)
	require.NoError(t, err)
	require.Len(t, o.tables, 4)
	require.Len(t, o.contenders(0), len(balancesim.Shelf(1, 0)))
	require.Len(t, o.traffic("uniform", "hot"), 2)
	o, err = parse(strings.Fields("-table live -traffic hot -policies ^JBSQ"))
	require.NoError(t, err)
	require.Equal(t, "live", o.tables[0].name)
	require.Len(t, o.contenders(0), 2)
	require.Len(t, o.traffic("uniform", "zipf"), 1)
}

func TestList(t *testing.T) {
	var b strings.Builder
	list(&b)
	for _, name := range []string{"zipf", "queueing", "moves", "live", "uniform", "hot", "KeyHash", "JBSQ(2)"} {
		require.Contains(t, b.String(), "  "+name)
	}
}

// The simulated tables: whole, repeatable, and with the ranking that theory knows.
func TestSimulatedTables(t *testing.T) {
	o, err := parse(strings.Fields("-items 2000 -runs 2 -policies ^(Random|LeastLoaded|KeyHash)$"))
	require.NoError(t, err)
	for _, write := range []func(context.Context, *strings.Builder) error{
		func(ctx context.Context, b *strings.Builder) error { return writeRanking(ctx, b, o) },
		func(ctx context.Context, b *strings.Builder) error { return writeAnchors(ctx, b, o) },
	} {
		var one, two strings.Builder
		require.NoError(t, write(t.Context(), &one))
		require.NoError(t, write(t.Context(), &two))
		require.Equal(t, one.String(), two.String())
		requireTables(t, one.String())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, write(ctx, &two), context.Canceled)
	}
	var b strings.Builder
	require.NoError(t, writeRanking(t.Context(), &b, o))
	require.Less(t, strings.Index(b.String(), "| LeastLoaded"), strings.Index(b.String(), "| Random"))
}

// The policies that keep keys are in the table, the others are not, and consistent hashing moves what it must and no
// more.
func TestMoves(t *testing.T) {
	o, err := parse(strings.Fields("-policies ^(Random|LeastLoaded|KeyHash|Rendezvous)$"))
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, writeMoves(t.Context(), &b, o))
	requireTables(t, b.String())
	require.NotContains(t, b.String(), "| Random")
	require.NotContains(t, b.String(), "| LeastLoaded")
	require.Regexp(t, `\| KeyHash \| 1\.\d+ \| (49|50)\.\d % \|`, b.String())
	require.Regexp(t, `\| Rendezvous \| 1\.\d+ \| 11\.\d % \| 12\.\d % \| 12\.\d % \|`, b.String())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, writeMoves(ctx, &b, o), context.Canceled)
}

// requireTables fails if lines of a table have different numbers of cells.
func requireTables(t *testing.T, text string) {
	t.Helper()
	cells, tables := 0, 0
	for line := range strings.SplitSeq(text, "\n") {
		switch n := strings.Count(line, "|"); {
		case n == 0:
			cells = 0
		case cells == 0:
			cells = n
			tables++
		default:
			require.Equal(t, cells, n, line)
		}
	}
	require.Positive(t, tables)
}

// A live run: all that comes is served once, the order of keys is kept where that is promised, and the simulation that
// it is compared with has the same items. How long things took is nobody's business here.
func TestLive(t *testing.T) {
	o := options{workers: 3, load: 0.5, unit: 200 * time.Microsecond, each: 100 * time.Millisecond, rounds: 2, seed: 5,
		policies: regexp.MustCompile("")}
	keys := balancesim.ZipfKeys(1.1, 100)
	all, err := compare(t.Context(), o, keys)
	require.NoError(t, err)
	require.Len(t, all, len(balancesim.Shelf(1, 0)))
	for _, p := range all {
		require.Len(t, p.live, o.rounds)
		for round, m := range p.live {
			s := p.simulated[round]
			came := len(draw(o.seed+uint64(round), o.workers, o.load, o.unit, o.each, keys))
			require.Greater(t, came, 500)
			require.Equal(t, came, m.Sent, p.name)
			require.Equal(t, came, m.Served, p.name)
			require.Equal(t, came, s.Items(), p.name)
			require.Positive(t, m.P50, p.name)
			require.GreaterOrEqual(t, m.P99, m.P50, p.name)
			require.GreaterOrEqual(t, m.Imbalance, 1.0, p.name)
			switch p.name {
			case "KeyHash", "Jump", "Rendezvous", "Maglev(4099)":
				require.InDelta(t, s.Imbalance, m.Imbalance, 1e-4, "%s: the keys alone decide", p.name)
				require.Zero(t, m.Reordered, p.name)
			case "RoundRobin":
				require.InDelta(t, s.Imbalance, m.Imbalance, 1e-4, "%s: the count alone decides", p.name)
			case "BoundedDepth(8, KeyHash)", "StickyInFlight(LeastLoaded)", "RSS(512)", "RSS(512) rebalanced":
				require.Zero(t, m.Reordered, p.name)
			}
		}
	}
	var b strings.Builder
	writePairs(&b, all)
	requireTables(t, b.String())
}

func TestLiveErrors(t *testing.T) {
	o, err := parse(strings.Fields("-table live -each 100ms -unit 1s -workers 2"))
	require.NoError(t, err)
	var b strings.Builder
	require.ErrorContains(t, writeLive(t.Context(), &b, o), "let them come for longer")

	o, err = parse(strings.Fields("-table live -each 10m -workers 2"))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, writeLive(ctx, &b, o), context.DeadlineExceeded)
}

func TestOutput(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tables")
	o, err := parse([]string{"-table", "zipf", "-items", "1000", "-runs", "2", "-policies", "^Random$", "-o", file})
	require.NoError(t, err)
	require.NoError(t, run(o))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	requireTables(t, string(text))
	o.out = filepath.Join(file, "x")
	require.Error(t, run(o))
}

// agreement counts pairs that the simulation tells apart.
func TestAgreement(t *testing.T) {
	of := func(simulated, live float64) pair {
		return pair{live: []measured{{P99: live}}, simulated: []balancesim.Result{{P99: simulated}}}
	}
	clear, same := agreement([]pair{of(1, 2), of(1.1, 1), of(2, 3), of(4, 2.5)})
	require.Equal(t, 5, clear, "all but the first two")
	require.Equal(t, 4, same, "the last two are the other way round")
	require.Equal(t, 3, liveRank([]pair{of(1, 1), of(1, 2), of(1, 3)}, of(1, 3)))
}
