package report

import (
	"image/color"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/pushcore/pushcore/bench/internal/stat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// heat shows what a cache line takes from each cpu to each other one and back.
func (r *Report) heat() (*Chart, error) {
	if r.Pairs == nil {
		return nil, nil
	}
	p := newPlot()
	p.Title.Text = "a cache line from cpu to cpu and back, in ns"
	grid := pairGrid{r.Pairs}
	colors := shadesOf(64)
	m := plotter.NewHeatMap(grid, colors)
	m.Min = 0 // so that equal distances have a colour, too
	m.NaN = color.Gray{238}
	p.Add(m)
	var names []string
	labels := plotter.XYLabels{}
	for i, cpu := range r.Pairs.CPUs {
		names = append(names, strconv.Itoa(cpu))
		for k, ns := range r.Pairs.TripNs[i] {
			if i != k && len(r.Pairs.CPUs) <= 16 { // more would not be legible
				labels.XYs = append(labels.XYs, plotter.XY{X: float64(k), Y: float64(i)})
				labels.Labels = append(labels.Labels, stat.Figure(ns))
			}
		}
	}
	if len(labels.Labels) > 0 {
		text, err := plotter.NewLabels(labels)
		if err != nil {
			return nil, err
		}
		for i := range text.TextStyle {
			text.TextStyle[i].XAlign, text.TextStyle[i].YAlign = draw.XCenter, draw.YCenter
			text.TextStyle[i].Font.Variant = "Sans"
		}
		p.Add(text)
	}
	p.NominalX(names...)
	p.NominalY(names...)
	p.X.Label.Text, p.Y.Label.Text = "cpu", "cpu"
	size := chartHead + rowHeight*vg.Length(2*len(names))
	c, err := render("affinity-pairs", p, max(size+chartHead/2, chartWidth/2), size)
	if c != nil {
		c.Family = "affinity"
	}
	return c, err
}

// pairGrid is the map; a cpu and itself have no distance.
type pairGrid struct{ *Pairs }

func (g pairGrid) Dims() (c, r int) { return len(g.CPUs), len(g.CPUs) }
func (g pairGrid) X(c int) float64  { return float64(c) }
func (g pairGrid) Y(r int) float64  { return float64(r) }
func (g pairGrid) Z(c, r int) float64 {
	if c == r {
		return math.NaN()
	}
	return g.TripNs[r][c]
}

// shades go from a pale to a strong orange.
type shades []color.Color

func (s shades) Colors() []color.Color { return s }

// shadesOf returns n of them.
func shadesOf(n int) shades {
	all := make(shades, n)
	for i := range all {
		t := float64(i) / float64(n-1)
		mix := func(from, to uint8) uint8 { return uint8(float64(from) + t*(float64(to)-float64(from))) }
		all[i] = color.RGBA{mix(255, ourColor.R), mix(243, ourColor.G), mix(230, ourColor.B), 255}
	}
	return all
}

// distances shows the round trip of a cache line over the run: what the machine did meanwhile. A mark for each
// measurement would be thousands of them.
func (r *Report) distances() (*Chart, error) {
	trips := r.tripsByRound()
	if len(trips) == 0 {
		return nil, nil
	}
	p := newPlot()
	p.Title.Text = "the machine: a cache line, there and back, before the measurements, by round"
	p.X.Label.Text, p.Y.Label.Text = "round", "ns"
	p.X.Tick.Marker = plot.TickerFunc(wholeTicks)
	p.Add(plotter.NewGrid())
	for i, q := range []struct {
		name string
		of   func([]float64) float64
	}{{"greatest", slices.Max[[]float64]}, {"median", stat.Median}, {"least", slices.Min[[]float64]}} {
		var xy plotter.XYs
		for _, round := range slices.Sorted(maps.Keys(trips)) {
			xy = append(xy, plotter.XY{X: float64(round + 1), Y: q.of(trips[round])})
		}
		marks := &plotter.Scatter{XYs: xy, GlyphStyle: draw.GlyphStyle{
			Color: palette[i], Radius: vg.Points(2.5), Shape: draw.CircleGlyph{},
		}}
		p.Add(marks)
		p.Legend.Add(q.name, marks)
	}
	p.Legend.Top = true
	p.Y.Min = 0
	return render("machine-distance", p, chartWidth, 8*vg.Centimeter)
}

// tripsByRound returns all round trips that were taken in each round.
func (r *Report) tripsByRound() map[int][]float64 {
	all := map[int][]float64{}
	for _, row := range r.Rows {
		for _, im := range row.Impls {
			for i, round := range im.Rounds {
				if i < len(im.Trips) && im.Trips[i] > 0 {
					all[round] = append(all[round], im.Trips[i])
				}
			}
		}
	}
	return all
}

// wholeTicks are those of an axis that counts: some ten at most.
func wholeTicks(least, most float64) (ticks []plot.Tick) {
	step := max(1, math.Ceil((most-least)/10))
	for at := math.Ceil(least); at <= most; at += step {
		ticks = append(ticks, plot.Tick{Value: at, Label: strconv.FormatFloat(at, 'f', 0, 64)})
	}
	return ticks
}
