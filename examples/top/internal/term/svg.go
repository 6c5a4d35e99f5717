//go:build !windows

package term

import (
	"fmt"
	"html"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
)

// Measures of a cell in an SVG.
const (
	cellWidth  = 8.4
	cellHeight = 18
	fontSize   = 14
	border     = 16
)

// SVG is a picture of the screen.
func (t *Terminal) SVG() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	w, h := t.screen.Width(), t.screen.Height()
	width, height := float64(w)*cellWidth+2*border, float64(h)*cellHeight+2*border
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f">`+"\n",
		width, height, width, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", hex(t.screen.BackgroundColor()))
	fmt.Fprintf(&b, `<g font-family="'DejaVu Sans Mono','Menlo','Consolas',monospace" font-size="%d">`+"\n", fontSize)
	for y := range h {
		t.svgLine(&b, y, w)
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// svgLine draws runs of cells that look the same. What fills cells, such as bars, is drawn and not written: fonts leave
// gaps between lines.
func (t *Terminal) svgLine(b *strings.Builder, y, w int) {
	top := border + float64(y)*cellHeight
	for x := 0; x < w; {
		first := t.screen.CellAt(x, y)
		var run strings.Builder
		from := x
		for ; x < w; x++ {
			c := t.screen.CellAt(x, y)
			if !alike(c, first) {
				break
			}
			if c == nil || c.Content == "" {
				run.WriteByte(' ')
			} else {
				run.WriteString(c.Content)
			}
		}
		fg, bg, bold := t.look(first)
		left, width := border+float64(from)*cellWidth, float64(x-from)*cellWidth
		if bg != "" {
			fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="%s"/>`+"\n", left, top, width, cellHeight, bg)
		}
		svgText(b, run.String(), left, top, fg, bold)
	}
}

// svgText writes words one by one at their places, whatever the widths of the font, and draws blocks.
func svgText(b *strings.Builder, s string, left, top float64, fg string, bold bool) {
	weight := ""
	if bold {
		weight = ` font-weight="bold"`
	}
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		x := left + float64(i)*cellWidth
		if width, up, down, ok := block(runes[i]); ok {
			n := 1.0 // a run of the same is one
			for width == 1 && i+1 < len(runes) && runes[i+1] == runes[i] {
				i, n = i+1, n+1
			}
			fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n",
				x, top+up, n*width*cellWidth, down-up, fg)
			continue
		}
		j := i
		for j < len(runes) && runes[j] != ' ' {
			if _, _, _, ok := block(runes[j]); ok {
				break
			}
			j++
		}
		if j > i {
			fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" fill="%s"%s>%s</text>`+"\n", x, top+cellHeight-4.5,
				float64(j-i)*cellWidth, fg, weight, html.EscapeString(string(runes[i:j])))
			i = j - 1
		}
	}
}

// block is the part of a cell that a line or a block fills, from its left side.
func block(c rune) (width, top, bottom float64, ok bool) {
	const middle, above = cellHeight / 2, 3.0 // what is above blocks keeps those of two lines apart
	switch {
	case c == '━':
		return 1, middle - 2, middle + 2, true
	case c == '╸':
		return 0.5, middle - 2, middle + 2, true
	case c == '─':
		return 1, middle - 0.5, middle + 0.5, true
	case c >= '▁' && c <= '█':
		const room = cellHeight - above - 2
		return 1, above + room*(1-float64(c-'▁'+1)/8), cellHeight - 2, true
	}
	return 0, 0, 0, false
}

func alike(a, b *uv.Cell) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Style.Equal(&b.Style)
}

// look is how a cell looks: its background is empty if it is that of the screen.
func (t *Terminal) look(c *uv.Cell) (fg, bg string, bold bool) {
	fg = hex(t.screen.ForegroundColor())
	if c == nil {
		return fg, "", false
	}
	if c.Style.Fg != nil {
		fg = hex(c.Style.Fg)
	}
	if c.Style.Bg != nil {
		bg = hex(c.Style.Bg)
	}
	if c.Style.Attrs&uv.AttrReverse != 0 {
		if bg == "" {
			bg = hex(t.screen.BackgroundColor())
		}
		fg, bg = bg, fg
	}
	return fg, bg, c.Style.Attrs&uv.AttrBold != 0
}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
