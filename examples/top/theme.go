package main

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// theme is how tones look. What matters differs by more than its colour: terminals may have none.
type theme map[tone]lipgloss.Style

func newTheme(dark bool) theme {
	pick := lipgloss.LightDark(dark)
	c := lipgloss.Color
	s := lipgloss.NewStyle
	accent := pick(c("#0b6e99"), c("#5fb3d4"))
	return theme{
		plainText: s(),
		faint:     s().Foreground(pick(c("#6b7280"), c("#7f8896"))),
		strong:    s().Bold(true),
		title:     s().Bold(true).Reverse(true).Foreground(accent),
		graph:     s().Foreground(accent),
		track:     s().Foreground(pick(c("#c5ccd6"), c("#3b4452"))),
		warn:      s().Bold(true).Foreground(pick(c("#9a6700"), c("#e0af4b"))),
		alarm:     s().Bold(true).Foreground(pick(c("#b42318"), c("#f0776c"))),
		keyName:   s().Bold(true).Foreground(accent),
		chosen:    s().Bold(true).Foreground(accent),
	}
}

// render is the screen as bubbletea wants it.
func (t theme) render(lines []line) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, p := range l {
			if p.tone == plainText {
				b.WriteString(p.text)
			} else {
				b.WriteString(t[p.tone].Render(p.text))
			}
		}
	}
	return b.String()
}
