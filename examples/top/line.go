package main

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// tone says what a piece of text is, and so how it looks.
type tone int

const (
	plainText tone = iota
	faint          // labels, and figures that are nothing
	strong         // what the eye should find
	title
	graph // bars and sparklines
	track // what a bar leaves empty
	warn
	alarm
	keyName
	chosen // the row with the cursor
)

// piece is text of one tone.
type piece struct {
	text string
	tone tone
}

// line is one line of the screen.
type line []piece

// text makes a line of one piece.
func text(s string, t tone) line { return line{{s, t}} }

func (l line) width() (n int) {
	for _, p := range l {
		n += ansi.StringWidth(p.text)
	}
	return n
}

func (l line) String() string {
	var b strings.Builder
	for _, p := range l {
		b.WriteString(p.text)
	}
	return b.String()
}

// cut returns no more than width cells of l. Where something is left out, an ellipsis says so.
func (l line) cut(width int) line {
	if l.width() <= width {
		return l
	}
	var out line
	for _, p := range l {
		w := ansi.StringWidth(p.text)
		if w >= width { // this one, too, is cut if more follows it
			return append(out, piece{ansi.Truncate(p.text+" ", width, "…"), p.tone})
		}
		out = append(out, p)
		width -= w
	}
	return out
}

// joined sets parts side by side, as many as fit whole: what comes first is most important. The first is cut if even it
// does not fit.
func joined(width, gap int, parts ...line) line {
	var out line
	for i, part := range parts {
		if len(part) == 0 {
			continue
		}
		if i > 0 && len(out) > 0 {
			part = append(line{{strings.Repeat(" ", gap), plainText}}, part...)
		}
		if len(out) == 0 {
			out = part.cut(width)
		} else if out.width()+part.width() <= width {
			out = append(out, part...)
		} else {
			break
		}
	}
	return out
}

// apart sets one line at the left and one at the right, if there is room for both.
func apart(width int, left, right line) line {
	room := width - left.width() - right.width()
	if room < 2 || len(right) == 0 {
		return left.cut(width)
	}
	return append(append(append(line{}, left...), piece{strings.Repeat(" ", room), plainText}), right...)
}

// padLeft and padRight make s width cells wide; what is too long is cut.
func padLeft(s string, width int) string {
	s = ansi.Truncate(s, width, "…")
	return strings.Repeat(" ", width-ansi.StringWidth(s)) + s
}

func padRight(s string, width int) string {
	s = ansi.Truncate(s, width, "…")
	return s + strings.Repeat(" ", width-ansi.StringWidth(s))
}

// cutMiddle shortens a name to width cells and keeps its end, which tells workers apart.
func cutMiddle(s string, width int) string {
	w := ansi.StringWidth(s)
	if w <= width {
		return s
	}
	tail := min(width/2, 6)
	if i := strings.LastIndexByte(s, '/'); i >= 0 && w-i < width-1 && w-i <= 8 {
		tail = ansi.StringWidth(s[i:])
	}
	if width < 4 {
		return ansi.Truncate(s, width, "…")
	}
	return ansi.Truncate(s, width-tail, "…") + ansi.TruncateLeft(s, w-tail, "")
}

// fold breaks s between words into lines of width cells.
func fold(s string, width int) []string {
	return strings.Split(ansi.Wordwrap(s, max(width, 1), ""), "\n")
}
