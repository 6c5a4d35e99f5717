package dashboard

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// node is what a screen reader gets of something.
type node struct{ role, name, value string }

// tree returns what is in the browser's accessibility tree.
func (p *page) tree() (nodes []node) {
	p.t.Helper()
	result := get(p, func(ctx context.Context, _ *chromedp.Target) (accessibility.GetFullAXTreeResult, error) {
		return chromedp.Call(ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	})
	for _, n := range result.Nodes {
		if !n.Ignored {
			nodes = append(nodes, node{said(n.Role), said(n.Name), said(n.Value)})
		}
	}
	return nodes
}

// said returns a text, or a number as text.
func said(v *accessibility.Value) (text string) {
	if v == nil {
		return ""
	}
	if json.Unmarshal(v.Value, &text) != nil {
		return string(v.Value)
	}
	return text
}

// A screen reader finds names and values, at both widths: tables stay tables when they look like cards.
func TestAccessibilityTree(t *testing.T) {
	f := newFake("ingest", 3)
	f.stalled = stall()
	p := open(t, f)
	for _, width := range []int64{1280, 360} {
		p.look(width, "light")
		p.eventually(`document.querySelectorAll('[role=meter]').length === 3`, "the members are there")
		p.eventually(`document.querySelector('.members tbody .value').textContent !== '–'`, "it is known how busy they are")
		count := map[string]int{}
		for _, n := range p.tree() {
			count[n.role]++
			switch n.role {
			case "meter":
				require.Regexp(t, `^Busy, worker \d+$`, n.name)
				require.Regexp(t, `^\d+$`, n.value)
			case "image", "button", "combobox", "link", "table", "rowheader", "columnheader", "heading", "region", "navigation",
				"DisclosureTriangle":
				require.NotEmpty(t, n.name, n.role)
			}
		}
		for role, want := range map[string]int{"meter": 3, "table": 1, "rowheader": 3, "columnheader": 10, "cell": 27, "row": 4,
			"image": 6, "button": 1, "combobox": 1, "link": 3, "status": 1, "main": 1, "banner": 1, "navigation": 1, "region": 2} {
			require.Equal(t, want, count[role], "%s, %d wide: %v", role, width, count)
		}
	}
	require.Empty(t, p.complaints())
}

// contrasts returns each text that is not well to be read on what is behind it: less than 4.5 to 1, as WCAG has it.
const contrasts = `(() => {
  const parse = c => c.match(/[\d.]+/g).map(Number);
  const light = c => {
    const [r, g, b] = c.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const e of document.body.querySelectorAll('*')) {
    if (!e.checkVisibility() || ![...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim())) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color).slice(0, 3)), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2) + ': ' + e.textContent.slice(0, 40));
  }
  return bad;
})()`

func (p *page) requireContrast() {
	p.t.Helper()
	require.Empty(p.t, eval[[]string](p, contrasts))
}
