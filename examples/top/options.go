package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Limits of -interval.
const (
	leastInterval = 50 * time.Millisecond
	mostInterval  = time.Hour
)

// options are the command line, checked.
type options struct {
	url      string
	interval time.Duration
	sort     int // index of orders
	once     bool
	group    string // "": all
}

// parse reads the command line. It returns flag.ErrHelp if help was asked for.
func parse(args []string) (*options, error) {
	o := &options{interval: 500 * time.Millisecond}
	fs := flag.NewFlagSet("top", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Func("interval", "", o.setInterval)
	fs.Func("sort", "", o.setSort)
	fs.BoolVar(&o.once, "once", false, "")
	fs.Func("group", "", o.setGroup)
	if err := fs.Parse(args); err != nil {
		return nil, plain(err)
	}
	address := defaultAddress
	switch fs.NArg() {
	case 0:
	case 1:
		address = fs.Arg(0)
	default:
		return nil, fmt.Errorf("unexpected argument %q: flags come before the one address", fs.Arg(1))
	}
	var err error
	o.url, err = statsURL(address)
	return o, err
}

func (o *options) setInterval(s string) (err error) {
	o.interval, err = time.ParseDuration(s)
	switch {
	case err != nil:
		return fmt.Errorf("-interval %q: it is a time with a unit, such as 500ms or 2s", s)
	case o.interval < leastInterval || o.interval > mostInterval:
		return fmt.Errorf("-interval %s: it must be from %s to %s", s, short(leastInterval), short(mostInterval))
	}
	return nil
}

func (o *options) setSort(s string) error {
	o.sort = slices.Index(orderNames(), s)
	if o.sort < 0 {
		return fmt.Errorf("-sort %q: it must be one of %s", s, strings.Join(orderNames(), ", "))
	}
	return nil
}

func (o *options) setGroup(s string) error {
	if s == "" {
		return errors.New(`-group "": it must be the name of a group; without the flag all are shown`)
	}
	o.group = s
	return nil
}

// plain turns the words of package flag into ours.
func plain(err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: "); ok {
		return fmt.Errorf("there is no flag %s", name)
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: "); ok {
		return fmt.Errorf("%s needs a value", name)
	}
	if rest, ok := strings.CutPrefix(text, "invalid value "); ok {
		_, rest, _ = strings.Cut(rest, " for flag ")
		if _, why, ok := strings.Cut(rest, ": "); ok {
			return errors.New(why) // ours
		}
	}
	if rest, ok := strings.CutPrefix(text, "invalid boolean value "); ok {
		value, rest, _ := strings.Cut(rest, " for ")
		name, _, _ := strings.Cut(rest, ":")
		return fmt.Errorf("%s=%s: it is true or false", name, strings.Trim(value, `"`))
	}
	return err
}
