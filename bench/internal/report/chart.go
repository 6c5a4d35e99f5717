package report

import (
	"bytes"
	"image/color"
	"slices"

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
