package report

import (
	_ "embed"
	"html/template"
	"io"
	"strings"

	"github.com/pushcore/pushcore/bench/internal/stat"
)

//go:embed report.html.tmpl
var pageText string

var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"figure": stat.Figure,
	"class":  class,
}).Parse(pageText))

// WriteHTML writes a page that needs nothing else: no script, no font, no other file. changes may be nil.
func (r *Report) WriteHTML(w io.Writer, changes *Changes) error {
	charts, err := r.Charts()
	if err != nil {
		return err
	}
	data := struct {
		*Report
		Families []htmlFamily
		Distance []template.HTML
		Changes  *Changes
	}{Report: r, Changes: changes}
	for _, f := range r.families() {
		hf := htmlFamily{Name: f.name, Charts: inline(charts, f.name)}
		for _, row := range f.rows {
			hr := htmlRow{Row: row}
			for _, want := range row.Wants {
				hr.Sentences = append(hr.Sentences, htmlSentence{want.sentence(), want.tip(), class(want.Verdict)})
			}
			hf.Rows = append(hf.Rows, hr)
		}
		data.Families = append(data.Families, hf)
	}
	data.Distance = inline(charts, "")
	return page.Execute(w, data)
}

type htmlFamily struct {
	Name   string
	Charts []template.HTML
	Rows   []htmlRow
}

type htmlRow struct {
	Row
	Sentences []htmlSentence
}

type htmlSentence struct{ Text, Tip, Class string }

// inline returns the pictures of a family as elements of a page.
func inline(charts []Chart, family string) (all []template.HTML) {
	for _, c := range charts {
		if c.Family == family {
			// Drawn by this package; the canvas escapes the names in it. A page has no XML declaration inside.
			svg := string(c.SVG)
			all = append(all, template.HTML(svg[strings.Index(svg, "<svg"):]))
		}
	}
	return all
}

// tip is what shows when a reader points at the sentence.
func (w Want) tip() string {
	if w.Summary == nil {
		return ""
	}
	return w.Summary.Spread()
}

// class is the style of a verdict.
func class(verdict string) string {
	switch verdict {
	case "met", "better":
		return "met"
	case "SHORT", "WORSE", "FAILED":
		return "short"
	}
	return "open"
}
