package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// Selection is the value of -run: the rows whose name matches one of these; an empty one has all rows.
type Selection []*regexp.Regexp

// Select reads -run: names of families and regexps, with commas between them. Case does not count. Each of them must
// match a row.
func Select(families []measure.Family, list string) (s Selection, err error) {
	if list == "" {
		return nil, nil
	}
	for expr := range strings.SplitSeq(list, ",") {
		if expr == "" {
			return nil, fmt.Errorf("-run %q has an empty part: each must be a family or a regexp", list)
		}
		re, err := compile(families, expr)
		if err != nil {
			return nil, fmt.Errorf("-run %q: %w", expr, err)
		}
		if len(Selection{re}.Rows(families)) == 0 {
			return nil, fmt.Errorf("-run %q matches no row: bench -list prints their names", expr)
		}
		s = append(s, re)
	}
	return s, nil
}

// compile takes the name of a family as the beginning of its rows' names: they are all that is meant.
func compile(families []measure.Family, expr string) (*regexp.Regexp, error) {
	if slices.ContainsFunc(families, func(f measure.Family) bool { return strings.EqualFold(f.Name, expr) }) {
		expr = "^" + regexp.QuoteMeta(expr) + "/"
	}
	return regexp.Compile("(?i)" + expr)
}

// Has says whether a row of this name is selected.
func (s Selection) Has(name string) bool {
	return len(s) == 0 || slices.ContainsFunc(s, func(re *regexp.Regexp) bool { return re.MatchString(name) })
}

// Rows returns those that are selected, in the order of the families.
func (s Selection) Rows(families []measure.Family) (rows []measure.Row) {
	for _, f := range families {
		for _, r := range f.Rows {
			if s.Has(r.Name) {
				rows = append(rows, r)
			}
		}
	}
	return rows
}
