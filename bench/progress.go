package main

import (
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar shows on a terminal how far the session is; elsewhere it keeps silent.
type bar struct{ bar *progressbar.ProgressBar }

func newBar(to *os.File) *bar {
	if !term.IsTerminal(int(to.Fd())) {
		return &bar{}
	}
	return &bar{progressbar.NewOptions(-1, progressbar.OptionSetWriter(to), progressbar.OptionSetPredictTime(true),
		progressbar.OptionShowCount(), progressbar.OptionSetElapsedTime(true), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish())}
}

// show is called before each step.
func (b *bar) show(done, total int, next string) {
	if b.bar == nil {
		return
	}
	b.bar.ChangeMax(total)
	b.bar.Describe(next)
	_ = b.bar.Set(done)
}

func (b *bar) end() {
	if b.bar != nil {
		_ = b.bar.Finish()
	}
}
