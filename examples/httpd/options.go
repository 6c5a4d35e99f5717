package main

import (
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/examples/internal/observe"
	"github.com/pushcore/pushcore/exec/place"
)

// Limits of the flags: beyond them a value is a slip of the finger.
const (
	maxWorkers = 256
	maxConns   = 1 << 22
	leastHead  = 512
	mostHead   = 1 << 20
	mostBody   = 1 << 40
	mostSpin   = time.Minute
)

// options are the flags, checked.
type options struct {
	addr      string
	workers   int
	cpus      place.Set
	spin      time.Duration // 0: an idle worker parks at once
	root      string
	maxConns  int
	maxHeader int
	maxBody   int64
	idle      time.Duration
	grace     time.Duration
	json      bool
	tls       *tls.Config // or nil
	observe   observe.Config
}

// usageError is a mistake on the command line: exit code 2.
type usageError struct{ error }

// parse reads the command line. allowed is the number of cpus this process may use. It
// returns flag.ErrHelp if help was asked for.
func parse(args []string, allowed int) (*options, error) {
	o := &options{}
	var cpus, cert, key string
	fs := flag.NewFlagSet("httpd", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.addr, "addr", "127.0.0.1:8080", "")
	fs.IntVar(&o.workers, "workers", 0, "")
	fs.StringVar(&cpus, "cpus", "", "")
	fs.Func("spin", "", o.setSpin)
	fs.StringVar(&o.root, "root", "", "")
	fs.StringVar(&cert, "tls-cert", "", "")
	fs.StringVar(&key, "tls-key", "", "")
	fs.IntVar(&o.maxConns, "max-conns", 10_000, "")
	fs.IntVar(&o.maxHeader, "max-header", http1.DefaultMaxHeader, "")
	fs.Int64Var(&o.maxBody, "max-body", http1.DefaultMaxBody, "")
	fs.DurationVar(&o.idle, "idle-timeout", time.Minute, "")
	fs.DurationVar(&o.grace, "grace", 10*time.Second, "")
	fs.BoolVar(&o.json, "json", false, "")
	o.observe.Flags(fs)
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, usageError{err}
	}
	set := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	if err := o.check(fs, set, cpus, allowed); err != nil {
		return nil, usageError{err}
	}
	if set["tls-cert"] || set["tls-key"] {
		var err error
		if o.tls, err = loadTLS(cert, key); err != nil {
			return nil, usageError{err}
		}
	}
	return o, nil
}

// check finds what the flag package does not: values out of range and flags that contradict.
func (o *options) check(fs *flag.FlagSet, set map[string]bool, cpus string, allowed int) (err error) {
	switch {
	case fs.NArg() > 0:
		return fmt.Errorf("unexpected argument %q (a directory is given with -root)", fs.Arg(0))
	case o.workers < 0 || o.workers > maxWorkers:
		return fmt.Errorf("-workers %d: it must be from 0 to %d", o.workers, maxWorkers)
	case o.maxHeader < leastHead || o.maxHeader > mostHead:
		return fmt.Errorf("-max-header %d: it must be from %d to %d bytes", o.maxHeader, leastHead, mostHead)
	case o.maxBody < 1 || o.maxBody > mostBody:
		return fmt.Errorf("-max-body %d: it must be from 1 to %d bytes", o.maxBody, int64(mostBody))
	case o.idle <= 0:
		return fmt.Errorf("-idle-timeout %v: it must be above 0", o.idle)
	case o.grace < 0:
		return fmt.Errorf("-grace %v: it must not be negative", o.grace)
	}
	if err := checkAddr(o.addr); err != nil {
		return err
	}
	if set["cpus"] {
		if o.cpus, err = place.Parse(cpus); err != nil {
			return fmt.Errorf("-cpus %s: %w", cpus, err)
		}
		if len(o.cpus) == 0 || len(o.cpus) > maxWorkers {
			return fmt.Errorf("-cpus %q: it must name 1 to %d cpus, as in 1-3,5", cpus, maxWorkers)
		}
		if o.workers != 0 && len(o.cpus) != o.workers {
			return fmt.Errorf("-cpus %s names %d cpus for -workers %d: it must name one for each", o.cpus, len(o.cpus), o.workers)
		}
		o.workers = len(o.cpus)
	}
	if o.workers == 0 {
		o.workers = min(max(allowed, 1), maxWorkers)
	}
	if o.maxConns < o.workers || o.maxConns > maxConns {
		return fmt.Errorf("-max-conns %d: it must be from 1 for each of the %d workers to %d", o.maxConns, o.workers, maxConns)
	}
	if set["root"] {
		return checkRoot(o.root)
	}
	return nil
}

// setSpin reads -spin.
func (o *options) setSpin(s string) (err error) {
	if s == "off" {
		o.spin = 0
		return nil
	}
	o.spin, err = time.ParseDuration(s)
	if err != nil {
		return errors.New("it is a time with a unit, such as 50us, or off")
	}
	if o.spin < 0 || o.spin > mostSpin {
		return fmt.Errorf("it must be from 0s to %v", mostSpin)
	}
	return nil
}

func checkAddr(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("-addr %q: it must be HOST:PORT, as in 127.0.0.1:8080 or :8080", addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("-addr %q: the port must be a number from 0 to 65535", addr)
	}
	return nil
}

func checkRoot(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("-root %q: %w", dir, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("-root %q: it is not a directory", dir)
	}
	return nil
}
