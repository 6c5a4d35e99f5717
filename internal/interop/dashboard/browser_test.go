package dashboard

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	osexec "os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group/debug"
)

const (
	within = 30 * time.Second // for what should happen soon
	often  = 100 * time.Millisecond
)

// page is the dashboard in a browser of its own.
type page struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	errors []string // that the browser's console has shown
}

// open opens the dashboard of sources.
func open(t *testing.T, sources ...debug.Source) *page {
	return openHandler(t, debug.Handler(sources...))
}

func openHandler(t *testing.T, h http.Handler) *page {
	p := begin(t)
	server := httptest.NewServer(http.StripPrefix("/debug/pushcore", h))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections) // before it: Close would wait for the stream
	p.do(chromedp.Navigate(server.URL + "/debug/pushcore/"))
	p.eventually(`document.getElementById('link').dataset.state === 'live'`, "the page is live")
	return p
}

// begin starts a browser. Without one the test is skipped, but not in CI.
func begin(t *testing.T) *page {
	if testing.Short() {
		t.Skip("-short: a browser takes its time")
	}
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := osexec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" && os.Getenv("CI") == "" {
		t.Skip("there is no chromium: apt-get install chromium")
	}
	require.NotEmpty(t, program, "there is no chromium")
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // it refuses to run as root with one
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx), "chromium does not start")
	p := &page{t: t, ctx: ctx}
	messages := chromedp.Console(ctx)
	go p.listen(messages)
	return p
}

// listen notes exceptions, errors and warnings, of the page and of the browser about it.
func (p *page) listen(messages func(yield func(chromedp.ConsoleMessage, error) bool)) {
	for m, err := range messages {
		switch {
		case err != nil: // the test is over
			return
		case m.IsException() || m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning:
			p.mu.Lock()
			p.errors = append(p.errors, m.String())
			p.mu.Unlock()
		}
	}
}

// complaints returns what listen has noted.
func (p *page) complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.errors
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	_ = get(p, func(ctx context.Context, t *chromedp.Target) (v chromedp.Void, err error) {
		return chromedp.Steps(steps...)(ctx, t)
	})
}

// get returns what an action returns.
func get[T any](p *page, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	require.NoError(p.t, err)
	return v
}

// eval returns what the expression is in the page.
func eval[T any](p *page, expression string) T {
	p.t.Helper()
	return get(p, chromedp.Evaluate[T](expression))
}

// eventually waits until the expression is true in the page.
func (p *page) eventually(expression, what string) {
	p.t.Helper()
	for deadline := time.Now().Add(within); !eval[bool](p, expression); time.Sleep(often) {
		require.True(p.t, time.Now().Before(deadline), what)
	}
}

// look sets width and theme.
func (p *page) look(width int64, theme string) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, 900), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
		})
		return err
	}))
}

// shoot takes a picture of the whole page; go test -artifacts keeps it.
func (p *page) shoot(name string) {
	p.t.Helper()
	picture := get(p, chromedp.FullScreenshot(100))
	require.NoError(p.t, os.WriteFile(filepath.Join(p.t.ArtifactDir(), name+".png"), picture, 0o644))
}
