// Command shoot takes a picture of a page that lives on a stream, such as the dashboard of group/debug: of all of it,
// after it has been looked at for a while. chromium --screenshot does not wait.
//
//	go run ./shoot -o dashboard.png http://127.0.0.1:6060/
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

func main() {
	after := flag.Duration("after", 65*time.Second, "how long to look before: strips are of a minute")
	width := flag.Int64("width", 1200, "of the page")
	theme := flag.String("theme", "light", "light or dark")
	open := flag.String("open", "", "CSS selector of `details` that are opened")
	out := flag.String("o", "page.png", "where to write the picture")
	flag.Parse()
	err := errors.New("usage: shoot [flags] URL")
	if flag.NArg() == 1 {
		err = shoot(flag.Arg(0), *out, *width, *theme, *open, *after)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "shoot:", err)
		os.Exit(1)
	}
}

func shoot(url, out string, width int64, theme, open string, after time.Duration) error {
	options := chromedp.DefaultExecAllocatorOptions[:]
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // it refuses to run as root with one
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	begin := chromedp.Steps(
		chromedp.EmulateViewport(width, 600),
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
			})
			return err
		}),
		chromedp.Navigate(url),
	)
	if _, err := chromedp.Run(ctx, begin); err != nil {
		return err
	}
	time.Sleep(after)
	if open != "" {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[int](fmt.Sprintf(
			`(() => { const all = document.querySelectorAll(%q); all.forEach(d => d.open = true); return all.length; })()`, open)))
		if err != nil {
			return err
		}
		time.Sleep(time.Second)
	}
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return err
	}
	return os.WriteFile(out, picture, 0o644)
}
