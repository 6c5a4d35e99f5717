package main

import (
	"math"
	"strings"
)

// bar is a share from 0 to 1 as a heavy line, to half a cell, on a light one: they are told apart without colours.
func bar(share float64, width int) (full, empty string) {
	halves := int(math.Round(max(0, min(share, 1)) * float64(2*width)))
	full = strings.Repeat("━", halves/2)
	used := halves / 2
	if halves%2 == 1 {
		full += "╸"
		used++
	}
	return full, strings.Repeat("─", width-used)
}

// levels are the shares of a sparkline.
var levels = []rune("▁▂▃▄▅▆▇█")

// level is a share from 0 to 1 as one cell.
func level(share float64) rune {
	return levels[int(math.Round(max(0, min(share, 1))*float64(len(levels)-1)))]
}

// spark shows the newest of some shares, each cell the mean of several, the newest at the right end. total is how many
// there ever were: cells begin at multiples, so that what is past moves on but does not change.
func spark(shares []float64, total, width int) string {
	if width <= 0 {
		return ""
	}
	per := (trendLength + width - 1) / width
	sums, counts := make([]float64, width), make([]int, width)
	newest := (total - 1) / per
	for i, v := range shares {
		at := width - 1 - (newest - (total-len(shares)+i)/per)
		if at >= 0 {
			sums[at] += v
			counts[at]++
		}
	}
	cells := make([]rune, width)
	for i := range cells {
		cells[i] = ' '
		if counts[i] > 0 {
			cells[i] = level(sums[i] / float64(counts[i]))
		}
	}
	return string(cells)
}

// shape shows how some counts are spread, the largest in full height; what is not there at all is a dot.
func shape(counts []uint64) string {
	var most uint64
	for _, c := range counts {
		most = max(most, c)
	}
	cells := make([]rune, len(counts))
	for i, c := range counts {
		cells[i] = '·'
		if c > 0 {
			cells[i] = level(float64(c) / float64(most))
		}
	}
	return string(cells)
}
