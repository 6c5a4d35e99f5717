package report

import (
	"image/color"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// project is the name that ours have where there is one of them in a row.
const project = "pushcore"

// palette is one that people who see fewer colours can tell apart (Okabe and Ito's, without yellow).
var palette = []color.RGBA{
	{0, 114, 178, 255}, {230, 159, 0, 255}, {0, 158, 115, 255},
	{204, 121, 167, 255}, {86, 180, 233, 255}, {120, 120, 120, 255},
}

var ourColor = color.RGBA{213, 94, 0, 255}

var shapes = []draw.GlyphDrawer{
	draw.RingGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{},
	draw.PlusGlyph{}, draw.PyramidGlyph{}, draw.BoxGlyph{},
}

// ourColors are for this project's own: the second where the first one's shapes do not suffice.
var ourColors = []color.RGBA{ourColor, {140, 45, 4, 255}}

// familiar are the peers that many charts have: they look the same in all of them.
var familiar = []string{
	"channel", "mutex-swap", "go", "tokio", "rte_ring", "xsync", "ants", "pond", "errgroup", "crossbeam", "ck_ring",
	"calibration",
}

// stylesOf gives each series of a chart a colour and a shape that no other one in it has, as far as they go round. Ours
// have a colour to themselves.
func stylesOf(all []*series) map[string]draw.GlyphStyle {
	styles := map[string]draw.GlyphStyle{}
	next, own := len(familiar), 0
	for _, s := range all {
		style := draw.GlyphStyle{Radius: vg.Points(3.5)}
		switch at := slices.Index(familiar, s.name); {
		case s.own && s.name == project:
			style.Color, style.Shape, style.Radius = ourColor, draw.CircleGlyph{}, vg.Points(4)
		case s.own:
			style.Color, style.Shape = ourColors[own/len(shapes)%len(ourColors)], shapes[own%len(shapes)]
			own++
		default:
			if at < 0 {
				at = next
				next++
			}
			style.Color, style.Shape = palette[at%len(palette)], shapes[at%len(shapes)]
		}
		styles[s.name] = style
	}
	return styles
}
