package report

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pushcore/pushcore/bench/internal/stat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Chart is a picture of a report.
type Chart struct {
	Name   string // of a file, without its extension: "ring-ns-op"
	Family string // "" where it shows the machine
	Title  string
	SVG    []byte
}

// Charts draws the report: for each family and unit the medians of all implementations, row by row; and the distance of
// the two cpus over the run.
func (r *Report) Charts() ([]Chart, error) {
	var charts []Chart
	for _, family := range r.families() {
		for _, unit := range unitsOf(family.rows) {
			c, err := dots(family.name, unit, family.rows)
			if err != nil {
				return nil, err
			}
			if c != nil {
				c.Family = family.name
				charts = append(charts, *c)
			}
		}
	}
	for _, draw := range []func() (*Chart, error){r.heat, r.distances} {
		c, err := draw()
		if err != nil {
			return nil, err
		}
		if c != nil {
			charts = append(charts, *c)
		}
	}
	return charts, nil
}

// family is a chapter of the report.
type family struct {
	name string
	rows []Row
}

func (r *Report) families() (all []family) {
	for _, row := range r.Rows {
		if n := len(all); n == 0 || all[n-1].name != row.Family {
			all = append(all, family{name: row.Family})
		}
		all[len(all)-1].rows = append(all[len(all)-1].rows, row)
	}
	return all
}

// unitsOf returns the units of first metrics, in the order in which they come.
func unitsOf(rows []Row) (units []string) {
	for _, r := range rows {
		if u := r.unit(); u != "" && !slices.Contains(units, u) {
			units = append(units, u)
		}
	}
	return units
}

// unit is that of the first metric, by which implementations are compared.
func (r Row) unit() string {
	for _, im := range r.Impls {
		if len(im.Metrics) > 0 {
			return im.Metrics[0].Unit
		}
	}
	return ""
}

// best returns the variant with the lowest median for each name, in the row's order.
func (r Row) best() (all []Impl) {
	at := map[string]int{}
	for _, im := range r.Impls {
		if len(im.Metrics) == 0 {
			continue
		}
		i, ok := at[im.Name]
		switch {
		case !ok:
			at[im.Name] = len(all)
			all = append(all, im)
		case im.median() < all[i].median():
			all[i] = im
		}
	}
	return all
}

func (i Impl) median() float64 { return stat.Median(i.Metrics[0].Values) }

// rowHeight and the rest are the measures of a chart, whose height goes with its rows.
const (
	rowHeight   = 0.62 * vg.Centimeter
	chartWidth  = 25 * vg.Centimeter
	chartHead   = 3 * vg.Centimeter
	legendShare = 0.3 // of the width, on the right
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
				m = &series{name: im.Name}
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
	slices.SortStableFunc(order, func(a, b *series) int { return rank(a.name) - rank(b.name) })
	p.Add(&rules{n: len(names)})
	for _, m := range order {
		style := markStyle(m.name)
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
func rank(name string) int {
	if strings.HasPrefix(name, oursPrefix) {
		return 0
	}
	return 1
}

// series is the marks of one implementation.
type series struct {
	name string
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

// palette is one that people who see fewer colours can tell apart (Okabe and Ito's, without yellow).
var palette = []color.RGBA{
	{0, 114, 178, 255}, {230, 159, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {86, 180, 233, 255}, {120, 120, 120, 255},
}

var ourColor = color.RGBA{213, 94, 0, 255}

var shapes = []draw.GlyphDrawer{
	draw.RingGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{}, draw.PyramidGlyph{}, draw.BoxGlyph{},
}

// familiar are the peers that many charts have: they look the same in all of them.
var familiar = []string{"channel", "mutex-swap", "go", "tokio", "rte_ring", "xsync", "ants", "pond", "errgroup", "crossbeam", "ck_ring", "calibration"}

// markStyle gives ours one colour, and each peer a colour and a shape, which go by its name.
func markStyle(name string) draw.GlyphStyle {
	if name == oursPrefix {
		return draw.GlyphStyle{Color: ourColor, Radius: vg.Points(4), Shape: draw.CircleGlyph{}}
	}
	i := slices.Index(familiar, name)
	if i < 0 {
		h := fnv.New32a()
		h.Write([]byte(name))
		i = len(familiar) + int(h.Sum32()%uint32(len(palette)*len(shapes)))
	}
	style := draw.GlyphStyle{Color: palette[i%len(palette)], Radius: vg.Points(3.5), Shape: shapes[i%len(shapes)]}
	if strings.HasPrefix(name, oursPrefix) {
		style.Color = ourColor
	}
	return style
}

// rules are the lines on which the marks of a row stand.
type rules struct{ n int }

func (r *rules) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	style := draw.LineStyle{Color: color.Gray{225}, Width: vg.Points(0.5)}
	for i := range r.n {
		c.StrokeLine2(style, c.Min.X, y(float64(i)), c.Max.X, y(float64(i)))
	}
}

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

// newPlot returns an empty plot in the style of all charts.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = color.White
	p.Title.Padding = vg.Points(6)
	p.X.Padding, p.Y.Padding = vg.Points(3), vg.Points(6)
	p.Y.Tick.Label.XAlign = text.XRight
	for _, style := range []*text.Style{
		&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle,
	} {
		style.Font.Variant = "Sans"
	}
	return p
}

func render(name string, p *plot.Plot, width, height vg.Length) (*Chart, error) {
	c := vgsvg.New(width, height)
	p.Draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, err
	}
	return &Chart{Name: name, Title: p.Title.Text, SVG: b.Bytes()}, nil
}
