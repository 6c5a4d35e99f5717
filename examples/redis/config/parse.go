package config

import (
	"errors"
	goflag "flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/pushcore/pushcore/examples/internal/observe"
)

// Parse reads the command line, and the file that it names. It returns flag.ErrHelp if help
// was asked for.
func Parse(args []string) (*Options, error) {
	given := map[*Param]string{}
	fs := goflag.NewFlagSet("redis", goflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	file := fs.String("config", "", "")
	json := fs.Bool("json", false, "")
	var watch observe.Config
	watch.Flags(fs)
	for _, p := range Params {
		fs.Func(p.Name, "", func(v string) error {
			given[p] = v
			return p.Set(&Options{}, v) // the flag package says which one it is
		})
	}
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q: options begin with --, as in --port 6380", fs.Arg(0))
	}
	o := Default()
	o.JSON, o.Observe = *json, watch
	if *file != "" {
		if err := o.readFile(*file); err != nil {
			return nil, err
		}
	}
	for p, v := range given {
		if err := p.Set(o, v); err != nil {
			return nil, fmt.Errorf("--%s %s: %w", p.Name, v, err)
		}
	}
	return o, o.check()
}

// check finds options that contradict each other.
func (o *Options) check() error {
	if n := len(o.CPUs); n > 0 && n != o.Threads() {
		return fmt.Errorf("cpus %s names %d processors for io-threads %d: it must name one for each", o.CPUs, n, o.IOThreads)
	}
	if strings.ContainsRune(o.AppendFilename, '/') {
		return fmt.Errorf("appendfilename %s: it is a name in dir, not a path", o.AppendFilename)
	}
	if info, err := os.Stat(o.Dir); err != nil {
		return fmt.Errorf("dir: %w", err)
	} else if !info.IsDir() {
		return fmt.Errorf("dir %s: it is no directory", o.Dir)
	}
	return nil
}

// readFile reads lines of a name and a value, as in redis.conf.
func (o *Options) readFile(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	o.File = path
	for i, line := range strings.Split(string(b), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := o.readLine(line); err != nil {
			return fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
	}
	return nil
}

func (o *Options) readLine(line string) error {
	name, v, _ := strings.Cut(line, " ")
	p := Find(name)
	if p == nil {
		return fmt.Errorf("unknown option %q", name)
	}
	v = strings.TrimSpace(v)
	if len(v) > 1 && v[0] == '"' && v[len(v)-1] == '"' {
		v = v[1 : len(v)-1]
	}
	if v == "" {
		return fmt.Errorf("%s has no value", p.Name)
	}
	if err := p.Set(o, v); err != nil {
		return fmt.Errorf("%s %s: %w", p.Name, v, err)
	}
	return nil
}

// ErrHelp is what Parse returns when help was asked for.
var ErrHelp = goflag.ErrHelp

// IsHelp reports whether err is that.
func IsHelp(err error) bool { return errors.Is(err, ErrHelp) }
