package report

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// dots draws a line per row and a mark per implementation at its median, with the quartiles as a bar. What the table
// refuses to give as a figure is a bar without a mark.
func dots(family, unit string, rows []Row) (*Chart, error) {
	p := newPlot()
	better := "less"
	if measure.More(unit) {
		better = "more"
	}
	p.Title.Text = fmt.Sprintf("%s: %s, %s is better. Marks: medians (none: too noisy); bars: from quartile to quartile",
		family, unit, better)
	p.X.Label.Text = unit
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
			m.add(im.Metrics[0].Summary(), float64(len(names)-1))
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
		for i := range m.marks {
			m.marks[i].Y = last - m.marks[i].Y
		}
	}
	slices.SortStableFunc(order, func(a, b *series) int { return rank(a) - rank(b) })
	p.Add(&rules{n: len(names)})
	styles := stylesOf(order)
	for _, m := range slices.Backward(order) { // ours last, on top of all others
		style := styles[m.name]
		bars, err := plotter.NewXErrorBars(m)
		if err != nil {
			return nil, err
		}
		bars.LineStyle = draw.LineStyle{Color: style.Color, Width: vg.Points(1)}
		bars.CapWidth = vg.Points(3)
		p.Add(bars)
		if len(m.marks) > 0 {
			p.Add(&plotter.Scatter{XYs: m.marks, GlyphStyle: style})
		}
	}
	for _, m := range order {
		p.Legend.Add(m.name, &plotter.Scatter{GlyphStyle: styles[m.name]})
	}
	slices.Reverse(names)
	p.NominalY(names...)
	p.Y.Min, p.Y.Max = -0.6, last+0.6
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, decades{}
	p.X.Min, p.X.Max = p.X.Min/1.15, p.X.Max*1.15 // whole marks, not halves
	p.Legend.Top = true
	p.Legend.TextStyle.Font.Size = vg.Points(9)
	p.Legend.Padding = vg.Points(2)
	height := max(chartHead+rowHeight*vg.Length(len(names)), chartHead/2+vg.Points(12.5)*vg.Length(len(order)))
	name := strings.NewReplacer("/", "-", "%", "percent", " ", "-").Replace(family + "-" + unit)
	return render(strings.ToLower(name), p, chartWidth, height)
}

// rank puts ours on top of the legend.
func rank(s *series) int {
	if s.own {
		return 0
	}
	return 1
}

// series is what is drawn of one implementation.
type series struct {
	name  string
	own   bool
	xy    plotter.XYs // medians: what the bars are about
	errs  plotter.XErrors
	marks plotter.XYs // those of xy that are figures
}

func (s *series) add(sum Summary, y float64) {
	q := sum.Quartiles
	at := plotter.XY{X: q[1], Y: y}
	s.xy = append(s.xy, at)
	if !sum.Wide {
		s.marks = append(s.marks, at)
	}
	// A bar must not reach zero, where there is no logarithm.
	s.errs = append(s.errs, struct{ Low, High float64 }{q[1] - max(q[0], q[1]/100), q[2] - q[1]})
}

func (s *series) Len() int                         { return len(s.xy) }
func (s *series) XY(i int) (x, y float64)          { return s.xy.XY(i) }
func (s *series) XError(i int) (low, high float64) { return s.errs.XError(i) }

// rules are the lines on which the marks of a row stand, and those that go up from the labels of the axis.
type rules struct{ n int }

// Plot draws them.
func (r *rules) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := draw.LineStyle{Color: color.Gray{225}, Width: vg.Points(0.5)}
	for i := range r.n {
		c.StrokeLine2(style, c.Min.X, y(float64(i)), c.Max.X, y(float64(i)))
	}
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if !t.IsMinor() && t.Value >= p.X.Min && t.Value <= p.X.Max {
			c.StrokeLine2(style, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
		}
	}
}

// decades are the ticks of a logarithmic axis: 1, 10, 100, and 2 and 5 of each where there are few.
type decades struct{}

// Ticks returns them.
func (decades) Ticks(least, most float64) (ticks []plot.Tick) {
	first, last := math.Floor(math.Log10(least)), math.Ceil(math.Log10(most))
	for d := first; d < last; d++ {
		for m := 1.0; m < 10; m++ {
			t := plot.Tick{Value: m * math.Pow(10, d)}
			if m == 1 || (m == 2 || m == 5) && last-first <= 3 {
				t.Label = strconv.FormatFloat(t.Value, 'f', max(0, int(-d)), 64)
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}
