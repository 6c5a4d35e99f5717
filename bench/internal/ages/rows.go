package ages

import (
	"fmt"
	"slices"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// Rows are the latency rows of r, one for each of Loads: from when something is due until what until says. impls lists
// who is measured, which is who r measures. The loads in standard are in the standard set.
func Rows(r measure.Row, until string, impls func(load int) []measure.Impl, standard ...int) (rows []measure.Row) {
	for _, load := range Loads {
		rows = append(rows, measure.Row{
			Name: fmt.Sprintf("%s/latency/load=%d", r.Name, load),
			Does: fmt.Sprintf("%s: from when each is due until %s, at %d %% of what each takes; a batch is what is due",
				r.Does, until, load),
			Impls:  impls(load),
			Full:   !slices.Contains(standard, load),
			Amount: Amount,
		})
	}
	return rows
}
