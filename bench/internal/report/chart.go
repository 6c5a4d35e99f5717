package report

import (
	"bytes"
	"image/color"
	"slices"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/stat"
	"gonum.org/v1/plot"
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

// families returns what was measured, chapter by chapter.
func (r *Report) families() (all []family) {
	for _, row := range r.Rows {
		if row.untouched() {
			continue
		}
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

// best returns the variant with the best median for each name, in the row's order.
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
		case im.median() != all[i].median() && (im.median() > all[i].median()) == measure.More(im.Metrics[0].Unit):
			all[i] = im
		}
	}
	return all
}

func (i Impl) median() float64 { return stat.Median(i.Metrics[0].Values) }

// The measures of a chart, which is as wide as a page of text and as high as its rows need.
const (
	rowHeight  = 0.62 * vg.Centimeter
	chartWidth = 25 * vg.Centimeter
	chartHead  = 2.9 * vg.Centimeter // title and axis
	margin     = 0.3 * vg.Centimeter
)

// newPlot returns an empty plot in the style of all charts.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil // the canvas has it
	p.Title.Padding = vg.Points(8)
	p.X.Padding, p.Y.Padding = vg.Points(3), vg.Points(6)
	p.Y.Tick.Label.XAlign = text.XRight
	for _, style := range []*text.Style{
		&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle,
	} {
		style.Font.Variant = "Sans"
	}
	p.Title.TextStyle.Font.Size = vg.Points(12)
	p.X.Label.TextStyle.Font.Size, p.Y.Label.TextStyle.Font.Size = vg.Points(10), vg.Points(10)
	return p
}

// render draws the plot and, to the right of it, where no mark can be, its legend.
func render(name string, p *plot.Plot, width, height vg.Length) (*Chart, error) {
	svg := vgsvg.New(width, height)
	c := draw.New(svg)
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin, -margin)
	legend := p.Legend
	p.Legend = plot.NewLegend()
	if wide := legend.Rectangle(c).Size().X; wide > 0 {
		legend.Draw(draw.Crop(c, 0, 0, 0, -chartHead/3))
		c = draw.Crop(c, 0, -wide-2*margin, 0, 0)
	}
	p.Draw(c)
	var b bytes.Buffer
	if _, err := svg.WriteTo(&b); err != nil {
		return nil, err
	}
	// Who has not this font has one of the same measures.
	const font = "font-family:Liberation Sans"
	out := bytes.ReplaceAll(b.Bytes(), []byte(font+";"), []byte(font+",Arial,Helvetica,sans-serif;"))
	return &Chart{Name: name, Title: p.Title.Text, SVG: out}, nil
}
