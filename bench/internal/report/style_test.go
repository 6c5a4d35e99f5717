package report

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg/draw"
)

// TestStyles: no two of a chart look the same, familiar peers look the same in all charts, and only ours are orange.
func TestStyles(t *testing.T) {
	var all []*series
	for i := range 20 {
		all = append(all, &series{name: fmt.Sprint("peer", i)})
	}
	for _, name := range familiar {
		all = append(all, &series{name: name})
	}
	for i := range 10 {
		all = append(all, &series{name: fmt.Sprint(project, "-", i), own: true})
	}
	all = append(all, &series{name: project, own: true})
	styles := stylesOf(all)
	seen := map[string]string{}
	for _, s := range all {
		look := fmt.Sprintf("%v %T", styles[s.name].Color, styles[s.name].Shape)
		require.NotContains(t, seen, look, "%s and %s", s.name, seen[look])
		seen[look] = s.name
		require.Equal(t, s.own, styles[s.name].Color == ourColors[0] || styles[s.name].Color == ourColors[1], s.name)
	}
	require.Equal(t, styles["tokio"], stylesOf([]*series{{name: "tokio"}})["tokio"])
	require.Equal(t, draw.CircleGlyph{}, styles[project].Shape)
}

func TestDecades(t *testing.T) {
	labels := func(least, most float64) (all []string) {
		for _, tick := range (decades{}).Ticks(least, most) {
			if !tick.IsMinor() {
				all = append(all, tick.Label)
			}
		}
		return all
	}
	require.Equal(t, []string{"0.1", "0.2", "0.5", "1", "2", "5"}, labels(0.3, 7))
	require.Equal(t, []string{"1", "10", "100", "1000", "10000", "100000"}, labels(3, 300_000))
}
