package report

import (
	"image/color"
	"math"
	"slices"
	"strconv"

	"github.com/pushcore/pushcore/bench/internal/stat"
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

// distances shows the round trip of a cache line over the run: what the machine did meanwhile.
func (r *Report) distances() (*Chart, error) {
	var xy plotter.XYs
	for _, round := range roundsOf(r) {
		for _, row := range r.Rows {
			for _, im := range row.Impls {
				if i := slices.Index(im.Rounds, round); i >= 0 && i < len(im.Trips) && im.Trips[i] > 0 {
					xy = append(xy, plotter.XY{X: float64(len(xy)), Y: im.Trips[i]})
				}
			}
		}
	}
	if len(xy) == 0 {
		return nil, nil
	}
	p := newPlot()
	p.Title.Text = "the machine: a cache line, there and back, before each measurement"
	p.X.Label.Text, p.Y.Label.Text = "measurements, in their order", "ns"
	points, err := plotter.NewScatter(xy)
	if err != nil {
		return nil, err
	}
	points.GlyphStyle = draw.GlyphStyle{Color: color.RGBA{0, 114, 178, 120}, Radius: vg.Points(1.5), Shape: draw.CircleGlyph{}}
	p.Add(plotter.NewGrid(), points)
	p.Y.Min = 0
	return render("machine-distance", p, chartWidth, 8*vg.Centimeter)
}

func roundsOf(r *Report) (rounds []int) {
	for _, row := range r.Rows {
		for _, im := range row.Impls {
			rounds = append(rounds, im.Rounds...)
		}
	}
	slices.Sort(rounds)
	return slices.Compact(rounds)
}
