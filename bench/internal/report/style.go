package report

import (
	"hash/fnv"
	"image/color"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// project is the name that ours have where there is one of them in a row.
const project = "pushcore"

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
func markStyle(name string, own bool) draw.GlyphStyle {
	if own && name == project {
		return draw.GlyphStyle{Color: ourColor, Radius: vg.Points(4), Shape: draw.CircleGlyph{}}
	}
	i := slices.Index(familiar, name)
	if i < 0 {
		h := fnv.New32a()
		h.Write([]byte(name))
		i = len(familiar) + int(h.Sum32()%uint32(len(palette)*len(shapes)))
	}
	style := draw.GlyphStyle{Color: palette[i%len(palette)], Radius: vg.Points(3.5), Shape: shapes[i%len(shapes)]}
	if own {
		style.Color = ourColor
	}
	return style
}
