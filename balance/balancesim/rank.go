package balancesim

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pushcore/pushcore/balance"
)

// A Contender is a policy with a name.
type Contender struct {
	Name   string
	Policy balance.Policy
}

// A Table compares policies under several kinds of traffic.
type Table struct {
	Config  Config // what all rows have in common
	Traffic []Traffic
}

// Traffic is a part of a [Table]: the policies under traffic with those keys, best first.
type Traffic struct {
	Keys Keys
	Rows []Row
}

// Row is a policy in a [Table].
type Row struct {
	Name    string
	Ordered bool
	Result  Result
}

// Rank simulates each policy under each kind of traffic, with the rest of cfg as it is, and sorts them by P99. All meet
// the same items. If a policy can not be simulated the error names it.
func Rank(cfg Config, traffic []Keys, policies []Contender) (Table, error) {
	t := Table{Config: cfg}
	if len(traffic) == 0 || len(policies) == 0 {
		return t, errors.New("balancesim: Rank needs at least one kind of traffic and one policy")
	}
	for _, keys := range traffic {
		part := Traffic{Keys: keys}
		for _, p := range policies {
			cfg.Policy, cfg.Keys = p.Policy, keys
			r, err := Run(cfg)
			if err != nil {
				return t, fmt.Errorf("%s: %w", p.Name, err)
			}
			b, err := p.Policy(balance.NewView(cfg.Workers))
			if err != nil {
				return t, fmt.Errorf("%s: %w", p.Name, err)
			}
			part.Rows = append(part.Rows, Row{p.Name, b.Ordered(), r})
		}
		slices.SortStableFunc(part.Rows, func(a, b Row) int {
			if c := cmp.Compare(btoi(a.Result.Overloaded()), btoi(b.Result.Overloaded())); c != 0 {
				return c
			}
			return cmp.Compare(a.Result.P99, b.Result.P99)
		})
		t.Traffic = append(t.Traffic, part)
	}
	return t, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// WriteMarkdown writes the table for a document. Times are in units.
func (t Table) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	for i, part := range t.Traffic {
		if i > 0 {
			b.WriteByte('\n')
		}
		name := cmp.Or(part.Keys.Name, "no keys")
		fmt.Fprintf(&b, "%s: %d workers, load %g:\n\n", name, t.Config.Workers, t.Config.Load)
		b.WriteString("| policy | max/mean load | mean sojourn | p50 | p99 | p99.9 | refused at first | deepest queue | order of keys |\n")
		b.WriteString("|---|---|---|---|---|---|---|---|---|\n")
		grows := false
		for _, r := range part.Rows {
			fmt.Fprintf(&b, "| %s | %.2f | %s |\n", r.Name, r.Result.Imbalance, strings.Join(r.cells(part.Keys.N > 0), " | "))
			grows = grows || r.Result.Overloaded()
		}
		if grows {
			b.WriteString("\nGrows: one worker got more work than it can do, so times depend on how long that lasts.\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cells are what follows the load.
func (r Row) cells(keys bool) []string {
	s := r.Result
	times := []string{s.Sojourn.String(), short(s.P50), short(s.P99), short(s.P999)}
	if s.Overloaded() {
		times = []string{"grows", "grows", "grows", "grows"}
	}
	order := "-"
	switch {
	case s.Reordered > 0:
		order = "broken by " + percent(float64(s.Reordered)/float64(s.Items()))
	case keys && r.Ordered:
		order = "kept"
	case keys:
		order = "not promised"
	}
	return append(times, percent(s.Refused.Mean), fmt.Sprint(s.MaxQueue), order)
}

// percent writes a share.
func percent(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 0.001:
		return "< 0.1 %"
	case v < 0.1:
		return fmt.Sprintf("%.1f %%", 100*v)
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}

// short writes a time with three digits.
func short(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
