//go:build !windows

// Package term runs programs in a terminal that nobody sees.
package term

import (
	"image/color"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// Terminal is a terminal with a program in it. Anyone may call its methods at any time.
type Terminal struct {
	Process *os.Process

	cmd  *exec.Cmd
	pty  *os.File
	ends chan struct{} // closed when all output was taken

	mu     sync.Mutex
	screen *vt.Emulator
	cursor bool
}

// Start runs a program in a terminal of some size, on a dark or a light background.
func Start(cmd *exec.Cmd, cols, rows int, dark bool) (*Terminal, error) {
	t := &Terminal{cmd: cmd, ends: make(chan struct{}), screen: vt.NewEmulator(cols, rows), cursor: true}
	background, foreground := color.RGBA{250, 250, 250, 255}, color.RGBA{36, 41, 47, 255}
	if dark {
		background, foreground = color.RGBA{22, 27, 34, 255}, color.RGBA{212, 217, 224, 255}
	}
	t.screen.SetDefaultBackgroundColor(background)
	t.screen.SetDefaultForegroundColor(foreground)
	t.screen.SetCallbacks(vt.Callbacks{CursorVisibility: func(visible bool) { t.cursor = visible }})
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)})
	if err != nil {
		return nil, err
	}
	t.pty, t.Process = f, cmd.Process
	go t.answer()
	go t.take()
	return t, nil
}

// take shows what the program writes.
func (t *Terminal) take() {
	defer close(t.ends)
	buf := make([]byte, 64<<10)
	for {
		n, err := t.pty.Read(buf)
		t.mu.Lock()
		_, _ = t.screen.Write(buf[:n])
		t.mu.Unlock()
		if err != nil {
			return // on Linux, EIO: nobody has the other side open
		}
	}
}

// answer passes on what the terminal itself says, when the program asks what it is.
func (t *Terminal) answer() {
	buf := make([]byte, 4<<10)
	for {
		n, err := t.screen.Read(buf)
		if err != nil {
			return
		}
		_, _ = t.pty.Write(buf[:n])
	}
}

// Type presses keys.
func (t *Terminal) Type(keys string) error {
	_, err := t.pty.WriteString(keys)
	return err
}

// Resize makes the terminal larger or smaller.
func (t *Terminal) Resize(cols, rows int) error {
	t.mu.Lock()
	t.screen.Resize(cols, rows)
	t.mu.Unlock()
	return pty.Setsize(t.pty, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)})
}

// Lines are the words on the screen, without spaces at the ends of lines.
func (t *Terminal) Lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := make([]string, t.screen.Height())
	for y := range lines {
		var b strings.Builder
		for x := 0; x < t.screen.Width(); x++ {
			if c := t.screen.CellAt(x, y); c != nil {
				b.WriteString(c.Content)
			}
		}
		lines[y] = strings.TrimRight(ansi.Strip(b.String()), " ")
	}
	return lines
}

// Text is the whole screen.
func (t *Terminal) Text() string { return strings.Join(t.Lines(), "\n") }

// AltScreen says that the program has a screen of its own.
func (t *Terminal) AltScreen() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen.IsAltScreen()
}

// CursorShown says that the cursor can be seen.
func (t *Terminal) CursorShown() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cursor
}

// Wait waits until the program has ended and all that it wrote is on the screen, and returns its exit code. After
// some time it kills it; the code is -1 then.
func (t *Terminal) Wait(limit time.Duration) int {
	late := time.AfterFunc(limit, func() { _ = t.Process.Kill() })
	defer late.Stop()
	<-t.ends
	_ = t.cmd.Wait()
	if in, ok := t.screen.InputPipe().(io.Closer); ok { // ends answer; the emulator's own Close would race with its Read
		_ = in.Close()
	}
	_ = t.pty.Close()
	return t.cmd.ProcessState.ExitCode()
}

// Colours is how many colours there are on the screen, but for its own two.
func (t *Terminal) Colours() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	seen := map[string]bool{}
	for y := range t.screen.Height() {
		for x := range t.screen.Width() {
			c := t.screen.CellAt(x, y)
			if c == nil {
				continue
			}
			for _, colour := range []color.Color{c.Style.Fg, c.Style.Bg} {
				if colour != nil {
					seen[hex(colour)] = true
				}
			}
		}
	}
	return len(seen)
}
