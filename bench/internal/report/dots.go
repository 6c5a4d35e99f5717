package report

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"github.com/pushcore/pushcore/bench/internal/stat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// dots draws a line per row and a mark per implementation at its median, with the quartiles as a bar.
func dots(family, unit string, rows []Row) (*Chart, error) {
	p := newPlot()
	p.Title.Text = fmt.Sprintf("%s: %s, the less the better", family, unit)
	p.X.Label.Text = unit + " (logarithmic; mark: median, bar: quartiles)"
	var names []string
	marks := map[string]*series{}
	var order []*series
	for _, r := range rows {
		if r.unit() != unit {
			continue
		}
		names = append(names, strings.TrimPrefix(r.Name[strings.Index(r.Name, "/")+1:], "/"))
		for _, im := range r.best() {
			if im.median() <= 0 || im.Metrics[0].Unit != unit {
				continue // nothing that a logarithm could show
			}
			m := marks[im.Name]
			if m == nil {
				m = &series{name: im.Name, own: im.Own}
				marks[im.Name] = m
				order = append(order, m)
			}
			q := stat.Quartiles(im.Metrics[0].Values)
			m.add(q, float64(len(names)-1))
		}
	}
	if len(order) == 0 || len(names) < 2 && len(order) < 2 {
		return nil, nil // a table says as much
	}
	last := float64(len(names) - 1)
	for _, m := range order {
		for i := range m.xy {
			m.xy[i].Y = last - m.xy[i].Y // the first row on top
		}
	}
	slices.SortStableFunc(order, func(a, b *series) int { return rank(a) - rank(b) })
	p.Add(&rules{n: len(names)})
	for _, m := range order {
		style := markStyle(m.name, m.own)
		bars, err := plotter.NewXErrorBars(m)
		if err != nil {
			return nil, err
		}
		bars.LineStyle = draw.LineStyle{Color: style.Color, Width: vg.Points(1)}
		bars.CapWidth = vg.Points(3)
		points, err := plotter.NewScatter(m.xy)
		if err != nil {
			return nil, err
		}
		points.GlyphStyle = style
		p.Add(bars, points)
		p.Legend.Add(m.name, points)
	}
	slices.Reverse(names)
	p.NominalY(names...)
	p.Y.Min, p.Y.Max = -0.6, last+0.6
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	// Room for the legend, on the right.
	p.X.Max = p.X.Min * math.Pow(p.X.Max/p.X.Min, 1/(1-legendShare))
	p.Legend.Top = true
	p.Legend.TextStyle.Font.Size = vg.Points(9)
	p.Legend.Padding = vg.Points(2)
	height := chartHead + rowHeight*vg.Length(max(len(names), len(order)*2/3+1))
	return render(strings.ToLower(family+"-"+strings.NewReplacer("/", "-", "%", "percent", " ", "-").Replace(unit)), p, chartWidth, height)
}

// rank puts ours on top of the legend.
func rank(s *series) int {
	if s.own {
		return 0
	}
	return 1
}

// series is the marks of one implementation.
type series struct {
	name string
	own  bool
	xy   plotter.XYs
	errs plotter.XErrors
}

func (s *series) add(q [3]float64, y float64) {
	s.xy = append(s.xy, plotter.XY{X: q[1], Y: y})
	// A bar must not reach zero, where there is no logarithm.
	s.errs = append(s.errs, struct{ Low, High float64 }{q[1] - max(q[0], q[1]/100), q[2] - q[1]})
}

func (s *series) Len() int                         { return len(s.xy) }
func (s *series) XY(i int) (x, y float64)          { return s.xy.XY(i) }
func (s *series) XError(i int) (low, high float64) { return s.errs.XError(i) }

// rules are the lines on which the marks of a row stand.
type rules struct{ n int }

func (r *rules) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	style := draw.LineStyle{Color: color.Gray{225}, Width: vg.Points(0.5)}
	for i := range r.n {
		c.StrokeLine2(style, c.Min.X, y(float64(i)), c.Max.X, y(float64(i)))
	}
}
