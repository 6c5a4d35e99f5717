//go:build !windows

// Command shot runs a program in a terminal that nobody sees, waits, and writes what the terminal shows, as text or as
// a picture.
package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/pushcore/pushcore/examples/top/internal/fake"
	"github.com/pushcore/pushcore/examples/top/internal/term"
)

const usage = `shot writes what a program shows in a terminal.

Usage:
  shot [flags] program [argument]...

  -cols N -rows N   size of the terminal (default 80 and 24)
  -after time       how long to wait (default 65s: a minute of sparklines)
  -keys list        keys that are pressed then, each followed by a second: words, separated by spaces;
                    "enter", "esc", "down" and "up" are these keys
  -light            on a light background
  -o file           where to write it: a picture if its name ends in .svg, else text (default: text,
                    to the standard output)
  -fake address     also serve the figures of a program that is not there, to try it on

  go build -o /tmp/top . && go run ./internal/shot -o top.svg /tmp/top 127.0.0.1:6060
`

func main() {
	cols, rows := flag.Int("cols", 80, ""), flag.Int("rows", 24, "")
	after := flag.Duration("after", 65*time.Second, "")
	keys := flag.String("keys", "", "")
	light := flag.Bool("light", false, "")
	out := flag.String("o", "", "")
	address := flag.String("fake", "", "")
	flag.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	if *address != "" {
		fail(serve(*address))
	}
	cmd := exec.Command(flag.Arg(0), flag.Args()[1:]...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor")
	t, err := term.Start(cmd, *cols, *rows, !*light)
	fail(err)
	time.Sleep(*after)
	for _, key := range strings.Fields(*keys) {
		if code, ok := map[string]string{"enter": "\r", "esc": "\x1b", "down": "\x1b[B", "up": "\x1b[A"}[key]; ok {
			key = code
		}
		fail(t.Type(key))
		time.Sleep(time.Second)
	}
	shown := t.Text() + "\n"
	if strings.HasSuffix(*out, ".svg") {
		shown = t.SVG()
	}
	_ = t.Process.Kill()
	t.Wait(time.Second)
	if *out == "" {
		fmt.Print(shown)
		return
	}
	fail(os.WriteFile(*out, []byte(shown), 0o644))
}

// serve serves figures that mean nothing.
func serve(address string) error {
	ln, err := net.Listen("tcp", address)
	if err == nil {
		go func() { _ = http.Serve(ln, fake.Handler(fake.Shop())) }()
	}
	return err
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "shot:", err)
		os.Exit(1)
	}
}
