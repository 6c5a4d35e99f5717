package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pushcore/pushcore/examples/internal/observe"
)

// options are the command line and the file that it names, checked.
type options struct {
	config   *config
	file     string
	demo     bool
	duration time.Duration // 0: until it is interrupted
	every    time.Duration // between two tables; 0: there are none
	json     bool
	clients  int // of the demonstration
	size     int // of its requests, in bytes
	observe  observe.Config
}

// value is a flag for one of the fields.
type value struct {
	f *field
	s string
}

// parse reads the command line. It returns flag.ErrHelp if help was asked for.
func parse(args []string) (*options, error) {
	o := &options{config: defaultConfig(), clients: 64, size: 1 << 10}
	var values []value
	fs := flag.NewFlagSet("proxy", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	for i := range fields {
		f := &fields[i]
		fs.Func(f.flag(), "", func(s string) error {
			values = append(values, value{f, s})
			return nil
		})
	}
	set := map[string]bool{}
	own := func(name string, f func(s string) error) {
		fs.Func(name, "", func(s string) error {
			set[name] = true
			return f(s)
		})
	}
	fs.StringVar(&o.file, "config", "", "")
	fs.BoolVar(&o.json, "json", false, "")
	o.observe.Flags(fs)
	own("duration", func(s string) error { return duration(&o.duration, s, time.Millisecond) })
	own("every", func(s string) error { return duration(&o.every, s, 0) })
	own("clients", func(s string) error { return number(&o.clients, s, 1, 10_000) })
	own("size", func(s string) error { return size(&o.size, s, 8, 16<<20) })
	if err := fs.Parse(args); err != nil {
		return nil, plain(err)
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q (upstreams are given with -upstreams)", fs.Arg(0))
	}
	o.demo = o.file == "" && !slices.ContainsFunc(values, func(v value) bool { return v.f.path == "listen" || v.f.path == "upstreams" })
	if o.demo {
		o.config = demoConfig(o.clients)
	}
	if o.file != "" {
		if err := readFile(o.file, o.config); err != nil {
			return nil, err
		}
	}
	emptied := map[*field]bool{} // a list of flags replaces that of the file
	for _, v := range values {
		if why := v.f.notForDemo(); o.demo && why != "" {
			return nil, fmt.Errorf("-%s is not for the demonstration, %s: there must be -listen and -upstreams", v.f.flag(), why)
		}
		items := []string{v.s}
		if v.f.list != nil {
			if items = strings.Split(v.s, ","); !emptied[v.f] {
				emptied[v.f] = true
				v.f.list(o.config)
			}
		}
		for _, s := range items {
			if err := v.f.set(o.config, s); err != nil {
				return nil, fmt.Errorf("-%s: %w", v.f.flag(), err)
			}
		}
	}
	return o, o.check(set)
}

// check finds flags that contradict, and settles the defaults that depend on others.
func (o *options) check(set map[string]bool) error {
	if o.demo {
		if !set["duration"] {
			o.duration = 10 * time.Second
		}
		if !set["every"] {
			o.every = time.Second
		}
		if least := demoConnections(o.clients); o.config.maxConnections < least {
			return fmt.Errorf("-max-connections %d is too few for the demonstration: it must be at least %d for %d clients", o.config.maxConnections, least, o.clients)
		}
		return o.config.checkRest()
	}
	if set["clients"] || set["size"] {
		return errors.New("-clients and -size are for the demonstration, which there is without -listen, -upstreams and -config")
	}
	if err := o.config.check(); err != nil {
		if o.file != "" {
			return fmt.Errorf("%s: %w", o.file, err)
		}
		return err
	}
	return nil
}

// plain turns the words of package flag into ours.
func plain(err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: "); ok {
		return fmt.Errorf("there is no flag %s", name)
	}
	if rest, ok := strings.CutPrefix(text, "invalid value "); ok {
		if _, why, ok := strings.Cut(rest, " for flag "); ok {
			return errors.New(why) // "-size: ... is not a number"
		}
	}
	return err
}
