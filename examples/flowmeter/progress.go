package main

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

const (
	progressAfter = 500 * time.Millisecond // a file that is read sooner needs no bar
	progressEvery = 100 * time.Millisecond
)

// progress draws a bar while a long file is read. The reader calls it once per MiB, so it costs
// no goroutine, no lock and, per packet, nothing.
type progress struct {
	bar   *progressbar.ProgressBar
	done  int64
	next  time.Time // when to draw again
	drawn bool
}

// newProgress returns a progress that draws on w, which is a terminal, from now on. total is the
// number of bytes to come, -1 if that is not known.
func newProgress(w io.Writer, total int64) *progress {
	bar := progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("reading"),
		progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(30),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true))
	bar.StartWithoutRender() // rates count from here, not from the first drawing
	return &progress{bar: bar, next: time.Now().Add(progressAfter)}
}

// add counts n more bytes.
func (p *progress) add(n int) {
	p.done += int64(n)
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	p.next, p.drawn = now.Add(progressEvery), true
	_ = p.bar.Set64(p.done) // a terminal that is gone must not end the run
}

// finish removes the bar.
func (p *progress) finish() {
	if p.drawn {
		_ = p.bar.Clear()
	}
}
