package debug

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pushcore/pushcore/exec"
)

// none stands where there is no figure.
const none = "-"

// table aligns columns. A heading that begins with < has text below it, to the left; others have figures.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...any) {
	var row []string
	for _, c := range cells {
		row = append(row, fmt.Sprint(c))
	}
	t.rows = append(t.rows, row)
}

// write writes t after an empty line, or nothing if it has no rows.
func (t *table) write(b *bytes.Buffer) {
	if len(t.rows) == 0 {
		return
	}
	left, head, width := make([]bool, len(t.head)), make([]string, len(t.head)), make([]int, len(t.head))
	for i, name := range t.head {
		head[i], left[i] = strings.CutPrefix(name, "<")
	}
	rows := append([][]string{head}, t.rows...)
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	b.WriteByte('\n')
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if left[i] {
				line.WriteString("  " + cell + pad)
			} else {
				line.WriteString("  " + pad + cell)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// short returns d with three digits or so.
func short(d time.Duration) string {
	for unit := 10 * time.Second; unit >= 1000; unit /= 10 {
		if d >= unit {
			return d.Round(unit / 100).String()
		}
	}
	return d.String()
}

func quantile(h *exec.Histogram, q float64) string {
	if h.Count() == 0 {
		return none
	}
	return short(h.Quantile(q))
}

func mean(sum, n uint64) string {
	if n == 0 {
		return none
	}
	return fmt.Sprintf("%.1f", float64(sum)/float64(n))
}

func percent(part, whole time.Duration) string {
	if whole <= 0 {
		return none
	}
	return fmt.Sprintf("%.1f", 100*float64(part)/float64(whole))
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func named(name string) string { return cmp.Or(name, "(no name)") }
