package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar shows how far the session is: as a bar on a terminal, elsewhere by a line per round. Rows count by what they
// take.
type bar struct {
	bar   *progressbar.ProgressBar // nil: there is no terminal
	lines io.Writer
	began time.Time
	round int // the last one of which a line tells
}

func newBar(to *os.File) *bar {
	b := &bar{lines: to, began: time.Now(), round: -1}
	if term.IsTerminal(int(to.Fd())) {
		b.bar = progressbar.NewOptions(-1, progressbar.OptionSetWriter(to), progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetElapsedTime(true), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish())
	}
	return b
}

// show is called before each step.
func (b *bar) show(p measure.Progress) {
	if b.bar == nil {
		b.line(p)
		return
	}
	b.bar.ChangeMax64(p.Total.Milliseconds())
	b.bar.Describe(p.Next)
	_ = b.bar.Set64(p.Done.Milliseconds())
}

func (b *bar) line(p measure.Progress) {
	if p.Round == b.round || p.Next == "" {
		return
	}
	b.round = p.Round
	now := time.Since(b.began).Round(time.Second)
	if p.Round == 0 {
		fmt.Fprintf(b.lines, "finding amounts of work, then %d rounds; some %v\n", p.Rounds, p.Total.Round(time.Second))
		return
	}
	fmt.Fprintf(b.lines, "round %d of %d: %d %% after %v\n", p.Round, p.Rounds, 100*p.Done/max(p.Total, 1), now)
}

func (b *bar) end() {
	if b.bar != nil {
		_ = b.bar.Finish()
	}
}
