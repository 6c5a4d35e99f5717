package native

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/pushcore/pushcore/bench/internal/child"
	"github.com/pushcore/pushcore/bench/internal/measure"
)

const (
	usualPatience = 30 * time.Second
	farewell      = 5 * time.Second // from the end of the input to that of the program
	maxSaid       = 4096            // bytes of stderr that are kept
)

// program is one that answers a line with a line, for as long as its input lasts.
type program struct {
	name     string
	build    func() (path string, err error)
	patience time.Duration // with one answer; 0: 30 s, where a measurement takes some 20 ms

	mu     sync.Mutex // one request at a time
	path   string     // "" until it is built
	failed error      // why it cannot be; it is tried once
	alive  *process   // nil while it does not run
}

// process is a program that runs. Its goroutine reads its answers until there are no more, and then waits for it.
type process struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers chan string
	said    said
	err     error // how it ended; valid once answers is closed
}

// ask sends a request and returns the answer to it, which may be none that anybody understands. It starts the program
// if that does not run. It is safe for use by several goroutines, which wait for each other.
func (p *program) ask(request string) (answer string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.start(); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintln(p.alive.in, request); err != nil {
		return "", p.end(fmt.Errorf("does not listen: %w", err))
	}
	answer, err = p.answer()
	if err != nil {
		return "", fmt.Errorf("%q: %w", request, err)
	}
	if wrong, ok := strings.CutPrefix(answer, "error "); ok {
		return "", errors.New(wrong)
	}
	return answer, nil
}

// start builds and starts the program, unless that has been done.
func (p *program) start() (err error) {
	if p.alive != nil {
		return nil
	}
	if err := supported(); err != nil {
		return err
	}
	if p.path == "" && p.failed == nil {
		p.path, p.failed = p.build()
	}
	if p.failed != nil {
		return skip(p.failed)
	}
	one := &process{cmd: exec.Command(p.path), answers: make(chan string)}
	one.cmd.Stderr = &one.said
	if one.in, err = one.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := one.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	child.Own(one.cmd)
	started := make(chan error)
	go one.run(out, started)
	if err := <-started; err != nil {
		return err
	}
	p.alive = one
	first, err := p.answer()
	if err != nil {
		return err
	}
	if first != "ready" {
		reason, _ := strings.CutPrefix(first, "skip ")
		return errors.Join(fmt.Errorf("%w: %s", measure.ErrSkip, reason), p.stop())
	}
	return nil
}

// run keeps its thread, with which the program would end.
func (p *process) run(out io.Reader, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p.answers <- lines.Text()
	}
	p.err = p.cmd.Wait()
	close(p.answers)
}

// answer returns the next line. A program that says nothing is killed; one that has ended is forgotten.
func (p *program) answer() (string, error) {
	patience := cmp.Or(p.patience, usualPatience)
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case line, ok := <-p.alive.answers:
		if !ok {
			return "", p.end(errors.New("crashed"))
		}
		return line, nil
	case <-late.C:
		return "", p.end(fmt.Errorf("did not answer within %v", patience))
	}
}

// end kills the program and returns why, with what it said.
func (p *program) end(why error) error {
	one := p.alive
	p.alive = nil
	one.kill()
	return fmt.Errorf("program %s %w: %w: %s", p.name, why, errOr(one.err), &one.said)
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	p.in.Close()
	for range p.answers { // what it still said; ends with the process
	}
}

func errOr(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}

// close ends the program, if it runs.
func (p *program) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.alive == nil {
		return nil
	}
	return p.stop()
}

// stop closes the program's input, which ends it.
func (p *program) stop() error {
	one := p.alive
	p.alive = nil
	one.in.Close()
	late := time.AfterFunc(farewell, func() { _ = one.cmd.Process.Kill() })
	defer late.Stop()
	for range one.answers { // nobody waits for these
	}
	if one.err != nil {
		return fmt.Errorf("program %s ended badly: %w: %s", p.name, one.err, &one.said)
	}
	return nil
}

// said keeps the beginning of what a program writes to stderr; the process's goroutine writes it, and it is read after
// that has ended.
type said struct{ text []byte }

func (s *said) Write(b []byte) (int, error) {
	s.text = append(s.text, b[:min(len(b), maxSaid-len(s.text))]...)
	return len(b), nil
}

func (s *said) String() string { return strings.TrimSpace(string(s.text)) }
