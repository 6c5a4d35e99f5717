package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
)

const (
	meters = `[...document.querySelectorAll('[role=meter]')].map(e => e.getAttribute('aria-valuenow')).join()`
	uneven = `document.querySelector('.balance').classList.contains('uneven') && document.querySelector('.balance').textContent.startsWith('⚠ Uneven')`
)

// requireMoving waits until what the expression says changes, twice.
func (p *page) requireMoving(expression string) {
	p.t.Helper()
	for range 2 {
		before := eval[string](p, expression)
		p.eventually(fmt.Sprintf("(%s) !== %q", expression, before), expression+" changes")
	}
}

// Everything that a group shows comes to the page and moves, in both themes and at the width of a phone.
func TestDashboard(t *testing.T) {
	f := newFake("ingest", 8)
	p := open(t, f, newFake("notify", 2))
	p.look(1280, "dark")
	p.eventually(`document.querySelectorAll('[role=meter]').length === 10`, "each member has a bar")
	p.requireMoving(meters)
	p.eventually(`[...document.querySelectorAll('.members tbody')].every(e => !e.textContent.includes('–'))`, "all is known")
	p.requireMoving(`document.querySelector('.members tbody tr').textContent`)
	require.NotRegexp(t, `Uneven.*items`, eval[string](p, `document.querySelector('.balance').textContent`))

	f.set(func(f *fake) { f.skew = 0.9 })
	p.eventually(uneven+` && /items [2-8]\.\d\d× the mean/.test(document.querySelector('.balance').textContent)`, "it is uneven")
	f.set(func(f *fake) { f.stalled = stall() })
	p.eventually(`document.querySelectorAll('#alerts li').length === 1`, "the stall is told of")
	require.False(t, eval[bool](p, `document.querySelector('#alerts pre').checkVisibility()`))
	p.do(chromedp.Click(chromedp.CSS("#alerts summary")))
	p.eventually(`document.querySelector('#alerts pre').checkVisibility()`, "the stack is shown")
	require.Contains(t, eval[string](p, `document.querySelector('#alerts').textContent`), "(*Worker).Handle(0xc00007a000)")
	require.Regexp(t, `handler took 312.ms or longer.*thread sleeping`, eval[string](p, `document.querySelector('#alerts').textContent`))

	for _, theme := range []string{"dark", "light"} {
		for _, width := range []int64{1280, 800, 360} {
			p.look(width, theme)
			p.requireNarrow(width)
			p.shoot(fmt.Sprintf("%d-%s", width, theme))
		}
	}
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('details').forEach(e => { e.open = true })`))
	p.eventually(`document.querySelectorAll('.list tbody tr').length === 40`, "the lists are filled")
	for _, width := range []int64{360, 800, 1280} {
		p.look(width, "light")
		p.requireNarrow(width)
		p.shoot(fmt.Sprintf("%d-lists", width))
	}
	p.requireContrast()
	p.look(1280, "dark")
	p.requireContrast()
	require.Empty(t, p.complaints())
}

// narrow returns what is wider than its place: the document, if it can be scrolled to the side, and what reaches out of
// the card, or the panel, that it is in, or off the screen. Text that overflows its element makes no element wider, nor
// does what a pseudo-element says, so what an element has to scroll counts, too.
const narrow = `(() => {
  const bad = [], root = document.documentElement;
  const width = root.clientWidth;
  if (root.scrollWidth > width) bad.push('the document is ' + root.scrollWidth + ' wide');
  const name = e => e.tagName + '.' + e.className + ' ' + (e.dataset.label ?? '') + ' ' + e.textContent.slice(0, 40);
  for (const e of document.body.querySelectorAll('*')) {
    if (!e.checkVisibility() || e.closest('svg, caption')) continue;
    if (e.closest('thead') && getComputedStyle(e.closest('thead')).position === 'absolute') continue; // for screen readers
    const card = e.parentElement.closest('tbody tr, .tile, .group, .alerts li, .alerts, header, main, footer, body');
    const own = e.getBoundingClientRect(), around = card.getBoundingClientRect();
    const block = getComputedStyle(e).display !== 'inline';
    if (own.left < around.left - 0.5 || own.right > around.right + 0.5) bad.push(name(e) + ': outside of ' + name(card));
    else if (block && e.scrollWidth > e.clientWidth + 1) bad.push(name(e) + ': its text is too wide');
  }
  return bad;
})()`

// requireNarrow is for pages that must not be scrolled to the side; it names what is too wide.
func (p *page) requireNarrow(width int64) {
	p.t.Helper()
	p.eventually(fmt.Sprintf(`matchMedia('(width: %dpx)').matches`, width), "the width is set")
	require.Empty(p.t, eval[[]string](p, narrow), "%d wide", width)
}

// Members come and go, and counters begin anew.
func TestMembersComeAndGo(t *testing.T) {
	f := newFake("ingest", 72)
	p := open(t, f)
	rows := func(n int) string {
		return fmt.Sprintf(`document.querySelectorAll('.members tbody tr').length === %d`, n)
	}
	p.eventually(rows(72), "all are there")
	p.eventually(`document.querySelector('.members tbody .value').textContent !== '–'`, "it is known how busy they are")
	p.do(chromedp.Evaluate[chromedp.Void](`window.second = document.querySelectorAll('.members tbody tr')[1]`))
	f.set(func(f *fake) { // the first is replaced, the third goes
		f.state.Members[0].Exec.Stats = exec.Stats{}
		f.state.Members[0].Received = 0
		f.state.Members = append(append([]group.Member(nil), f.state.Members[:2]...), f.state.Members[3:]...)
	})
	p.eventually(rows(71), "one has gone")
	require.True(t, eval[bool](p, `window.second === document.querySelectorAll('.members tbody tr')[1]`), "rows are kept")
	f.set(func(f *fake) {
		f.state.Members = append(f.state.Members, newFake("ingest", 73).state.Members[72])
		f.state.Members[len(f.state.Members)-1].Open = false
	})
	p.eventually(rows(72), "another one has come")
	p.eventually(`document.querySelector('.members tbody tr:last-child .flags').textContent === 'paused'`, "it is paused")
	p.requireMoving(meters)
	require.False(t, eval[bool](p, `/NaN|undefined|Infinity|-\d/.test(document.getElementById('groups').textContent)`))

	f.set(func(f *fake) { f.skew = 0.5 })
	p.do(chromedp.Evaluate[chromedp.Void](
		`{ const s = document.getElementById('sort'); s.value = 'work'; s.dispatchEvent(new Event('change')); }`))
	f.set(func(f *fake) { f.state.Members[0], f.state.Members[1] = f.state.Members[1], f.state.Members[0] })
	p.eventually(`document.querySelector('.members tbody .name').textContent === 'ingest/1'`, "who gets the most is the first")
	require.Empty(t, p.complaints())
}

// Names are text, whatever they are.
func TestNamesAreText(t *testing.T) {
	const name = `<img src=x onerror="throw 1">&amp;`
	f := newFake(name, 1)
	f.state.Balancer = name
	f.stalled = &exec.Stall{Exec: name, Function: name, Stack: name, Kind: name, Thread: name}
	p := open(t, f)
	p.eventually(`document.querySelectorAll('#alerts li').length === 1`, "the stall is told of")
	require.Equal(t, name, eval[string](p, `document.querySelector('.group h2').textContent`))
	require.Zero(t, eval[int](p, `document.querySelectorAll('img').length`))
	require.Empty(t, p.complaints())
}

// The page can be used without a mouse.
func TestKeyboard(t *testing.T) {
	f := newFake("ingest", 2)
	f.stalled = stall()
	p := open(t, f)
	p.eventually(`document.querySelectorAll('#alerts li').length === 1`, "the stall is told of")
	names := eval[[]string](p, `[...document.querySelectorAll('a, button, select, summary')].filter(e => e.checkVisibility())`+
		`.map((e, i) => { e.dataset.nth = i; return e.textContent.trim() })`)
	for i, name := range names {
		p.do(chromedp.KeyEvent(kb.Tab))
		require.Equal(t, fmt.Sprint(i), eval[string](p, `document.activeElement.dataset.nth ?? 'none'`), name)
		require.NotEqual(t, "none", eval[string](p, `getComputedStyle(document.activeElement).outlineStyle`), "%s shows that it has the focus", name)
	}
	require.Greater(t, len(names), 7, strings.Join(names, ", "))

	p.do(chromedp.Evaluate[chromedp.Void](`document.getElementById('pause').focus()`), chromedp.KeyEvent(" "))
	p.eventually(`document.getElementById('pause').getAttribute('aria-pressed') === 'true'`, "it is paused")
	require.Equal(t, "paused", eval[string](p, `document.getElementById('link').textContent`))
	require.Eventually(t, func() bool {
		taken, before := f.taken(), eval[string](p, meters)
		time.Sleep(time.Second) // four events of a stream
		return f.taken() == taken && eval[string](p, meters) == before
	}, within, often, "nothing moves, and the program is left in peace")
	p.do(chromedp.KeyEvent(" "))
	p.requireMoving(meters)
	require.Empty(t, p.complaints())
}

// When the program cannot be reached, the page says so, and goes on when it can.
func TestReconnects(t *testing.T) {
	var refuse atomic.Bool
	cut := make(chan struct{})
	h := debug.Handler(newFake("ingest", 2))
	p := openHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuse.Load() {
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		go func() {
			select {
			case <-cut:
				cancel() // ends the stream
			case <-ctx.Done():
			}
		}()
		h.ServeHTTP(w, r.WithContext(ctx))
	}))
	state := func(want string) string {
		return fmt.Sprintf(`document.getElementById('link').textContent === %q`, want)
	}
	refuse.Store(true)
	cut <- struct{}{}
	p.eventually(state("refused, retrying"), "it says that it is refused")
	refuse.Store(false)
	p.eventually(state("live"), "it is back")
	p.requireMoving(meters)
}
