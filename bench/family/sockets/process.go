package sockets

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/pushcore/pushcore/bench/internal/child"
)

// process is a program that runs on certain cpus.
type process struct {
	cmd  *exec.Cmd
	said *tail
	done chan struct{} // closed when it has ended
	err  error         // why, once it has

	settled int // how often it was told to give memory back
}

// start runs a program on the given cpus. It inherits them from the calling thread, so that not one of its own is ever
// elsewhere, and it ends with this program. It is called on the main goroutine, which keeps its thread.
func start(cpus []int, env []string, argv ...string) (*process, error) {
	p := &process{cmd: exec.Command(argv[0], argv[1:]...), said: &tail{}, done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	child.Own(p.cmd)
	if err := onCPUs(cpus, p.cmd.Start); err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(argv, " "), err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// patience is how long a server may take to begin to listen, or to end.
const patience = 20 * time.Second

// await waits until the process listens on a TCP address.
func (p *process) await(addr string) error {
	return p.until("listen on "+addr, func() error {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			return err
		}
		return c.Close()
	})
}

// awaitUDP waits until the process sends back what it gets on a UDP address.
func (p *process) awaitUDP(addr string) error {
	return p.until("echo on "+addr, func() error {
		c, err := net.Dial("udp", addr)
		if err != nil {
			return err
		}
		defer c.Close()
		if err := c.SetDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
			return err
		}
		if _, err := c.Write([]byte("hello")); err != nil {
			return err
		}
		b := make([]byte, 16)
		n, err := c.Read(b)
		if err == nil && string(b[:n]) != "hello" {
			err = fmt.Errorf("data error: hello comes back as %q", b[:n])
		}
		return err
	})
}

// says waits until the process has written a word n times.
func (p *process) says(word string, n int) error {
	return p.until(fmt.Sprintf("say %q", word), func() error {
		if got := p.said.count(word); got < n {
			return fmt.Errorf("it has said so %d times, not %d", got, n)
		}
		return nil
	})
}

// until waits until try succeeds, and says what the process does not do if that takes too long.
func (p *process) until(what string, try func() error) error {
	for deadline := time.Now().Add(patience); ; {
		err := try()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not %s: %w%s", p.cmd.Path, what, err, p.said.quote())
		}
		select {
		case <-p.done:
			return p.ended()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// alive returns an error if the process has ended.
func (p *process) alive() error {
	select {
	case <-p.done:
		return p.ended()
	default:
		return nil
	}
}

func (p *process) ended() error {
	<-p.done
	if p.err == nil {
		return fmt.Errorf("%s has ended%s", p.cmd.Path, p.said.quote())
	}
	return fmt.Errorf("%s has ended: %w%s", p.cmd.Path, p.err, p.said.quote())
}

// stop ends the process, by force if it takes too long.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-p.done:
	case <-time.After(patience / 4):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// run runs a client to its end on the given cpus and returns what it writes.
func run(cpus []int, limit time.Duration, argv ...string) (out []byte, err error) {
	var stdout, stderr tail
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	child.Own(cmd)
	if err := onCPUs(cpus, cmd.Start); err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(argv, " "), err)
	}
	killer := time.AfterFunc(limit, func() { _ = cmd.Process.Kill() })
	err = cmd.Wait()
	if !killer.Stop() {
		err = errors.Join(err, fmt.Errorf("it had not ended after %v", limit))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w%s%s", strings.Join(argv, " "), err, stderr.quote(), stdout.quote())
	}
	return stdout.text, nil
}

// tail keeps what a program has written last, for the report of its failure or, of a client, for its figures.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailSize = 1 << 20

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if over := len(t.text) - tailSize; over > 0 {
		t.text = t.text[over:]
	}
	return len(b), nil
}

// count returns how often a word is there.
func (t *tail) count(word string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Count(string(t.text), word)
}

// quote returns the last lines for an error.
func (t *tail) quote() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.TrimSpace(string(t.text))
	if text == "" {
		return ""
	}
	if over := len(text) - 500; over > 0 {
		text = "..." + text[over:]
	}
	return ": " + text
}

// freeAddr returns an address of the loopback on which nobody listens just now.
func freeAddr() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}
