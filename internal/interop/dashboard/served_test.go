package dashboard

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// cell is the text of what is below a heading in the first row of workers.
func cell(label string) string {
	return fmt.Sprintf(`document.querySelector('.members tbody [data-label="%s"]').textContent`, label)
}

// Execs that have their work from sockets and not from inboxes are shown by what there is of them.
func TestWorkFromSources(t *testing.T) {
	p := open(t, newServed("proxy", 2))
	p.look(1280, "light")
	p.eventually(`/^\d+(\.\d)?\u202fk$/u.test(`+cell("Work/s")+`)`, "it is known what they do")
	p.requireMoving(cell("Work/s"))
	p.eventually(`/^\d\.\d\d×$/.test(`+cell("Share of time")+`)`, "there is a share of the time")
	require.Equal(t, "Share of time", eval[string](p, `document.querySelector('thead .share').textContent`))
	require.Equal(t, "–", eval[string](p, cell("Queue p99")))
	p.eventually(`/[nµ]s$/.test(`+cell("Run p99")+`)`, "it is known how long coroutines ran")
	p.eventually(`/^ø \d/.test(`+cell("Batches")+`)`, "it is known how much polls did")
	require.Equal(t, []string{"work", "resumes", "tasks", "rejected", "failed", "panics", "parks", "wakes"},
		eval[[]string](p, `[...document.querySelectorAll('.tile dt')].map(e => e.textContent)`))
	p.eventually(`/^\d+(\.\d)?\u202fk\/s$/u.test(document.querySelector('.tile .rate').textContent)`, "so is the tile")
	p.eventually(`document.querySelector('.balance').textContent.startsWith('Max/mean: busy ')`, "only time is compared")

	// What the source says of itself is there to be seen, but for what is nothing.
	counters := `document.querySelector('.list .wide:is(td)').textContent`
	p.eventually(`document.querySelector('.list .wide:is(td)').checkVisibility() && /BytesIn\s[\d.]+\sM\/s$/.test(`+counters+`)`, "bytes pass")
	require.Regexp(t, `^Conns.42, Accepted.77.in.all, BytesIn`, eval[string](p, counters))
	for _, width := range []int64{1280, 360} {
		p.look(width, "light")
		p.requireNarrow(width)
		p.shoot(fmt.Sprintf("served-%d", width))
	}
	p.requireContrast()
	require.Empty(t, p.complaints())
}

// A group with a balancer shows its items, and not the source with which it finds out if it is idle.
func TestWorkFromInboxes(t *testing.T) {
	p := open(t, newFake("ingest", 2))
	p.eventually(`/^\d\.\d\d×$/.test(`+cell("Share of items")+`)`, "there is a share of the items")
	require.Equal(t, "accepted", eval[string](p, `document.querySelector('.tile dt').textContent`))
	require.False(t, eval[bool](p, `[...document.querySelectorAll('.list')].some(e => e.open)`), "lists are closed")
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('.list').forEach(e => { e.open = true })`))
	p.eventually(`document.querySelectorAll('.list')[1].querySelectorAll('tbody tr').length === 2`, "the sockets are there")
	require.NotContains(t, eval[string](p, `document.getElementById('groups').textContent`), "census")
}

// Three stalls are shown, the others are folded away; those that nobody here is to blame for come last, and are no alerts.
func TestStallsAreFolded(t *testing.T) {
	f := newFake("ingest", 1)
	p := open(t, f)
	total := 0
	show := func(d time.Duration, thread string, preempted time.Duration, heldUp bool) {
		s := stall()
		s.For, s.Thread, s.Preempted, s.HeldUp = d, thread, preempted, heldUp
		f.set(func(f *fake) { f.stalled, f.state.Members[0].Exec.Stalls = s, 1 })
		total++
		p.eventually(fmt.Sprintf(`document.querySelectorAll('.alerts li').length === %d`, total), "the stall is told of")
	}
	texts := func(list string) []string {
		return eval[[]string](p, `[...document.querySelectorAll('`+list+` > li')].map(e => e.querySelector('summary').textContent.match(/(\d+)\s+ms/)[1] + e.className)`)
	}
	show(101*time.Millisecond, "ready", 0, true)
	show(102*time.Millisecond, "running", 52*time.Millisecond, true)
	require.Equal(t, []string{"102note", "101note"}, texts("#alerts"))
	require.Regexp(t, "^None, but", eval[string](p, `document.getElementById('calm').textContent`))
	p.eventually(`document.querySelector('.worker .more').textContent.includes('long turns 1')`, "it was held up")
	require.Empty(t, eval[string](p, `document.querySelector('.worker .flags').textContent`))

	show(103*time.Millisecond, "sleeping", 50*time.Millisecond, false)
	p.eventually(`document.querySelector('.worker .flags').textContent === '⚠ stalls 1'`, "it has stalled")
	require.False(t, eval[bool](p, `document.getElementById('calm').checkVisibility()`))
	require.False(t, eval[bool](p, `document.querySelector('.rest').checkVisibility()`))
	show(104*time.Millisecond, "sleeping", 0, false)
	show(105*time.Millisecond, "ready", 0, true)
	require.Equal(t, []string{"104", "103", "105note"}, texts("#alerts"))
	require.Equal(t, []string{"102note", "101note"}, texts(".rest ul"))
	require.Equal(t, "2 more", eval[string](p, `document.querySelector('.rest > summary').textContent`))
	require.False(t, eval[bool](p, `document.querySelector('.rest li').checkVisibility()`))
	p.do(chromedp.Click(chromedp.CSS(".rest > summary")))
	p.eventually(`document.querySelector('.rest li').checkVisibility()`, "all are there")
	p.requireContrast()
	p.shoot("folded")
	for range 20 {
		s := stall()
		f.set(func(f *fake) { f.stalled = s })
		p.eventually(fmt.Sprintf(`document.querySelector('#alerts time').getAttribute('datetime') === %q`, s.Began.Format(time.RFC3339Nano)), "it comes first")
	}
	require.Equal(t, 20, eval[int](p, `document.querySelectorAll('.alerts li').length`), "the oldest are dropped")
	require.Zero(t, eval[int](p, `document.querySelectorAll('.alerts .note').length`), "those that are no alerts first")
	require.Empty(t, p.complaints())
}
