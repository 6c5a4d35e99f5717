package config

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/pushcore/pushcore/exec/place"
)

// Param is one option, as the file, the flags and CONFIG know it.
type Param struct {
	Name  string
	Usage string
	Live  bool // CONFIG SET may change it
	Set   func(o *Options, v string) error
	Get   func(o *Options) string
}

// Params are all of them, in the order of the help.
var Params = []*Param{
	number("port", "TCP port; 0 picks a free one", false, 0, 65535, func(o *Options) *int { return &o.Port }),
	{Name: "bind", Usage: "addresses to listen on, in quotes if there are several", Set: setBind,
		Get: func(o *Options) string { return strings.Join(o.Bind, " ") }},
	number("io-threads", "workers, each with a loop and a shard of the keys; 0: one for each processor allowed", false, 0, MaxThreads, func(o *Options) *int { return &o.IOThreads }),
	{Name: "cpus", Usage: "processors to pin the workers to, one each, as in 1-3,5", Set: setCPUs,
		Get: func(o *Options) string { return o.CPUs.String() }},
	{Name: "spin", Usage: "how long an idle worker polls before it sleeps, such as 50us; 0: not at all", Set: setSpin,
		Get: func(o *Options) string { return microseconds(o.Spin) }},
	number("maxclients", "connections at once; more get an error", true, 1, 1<<20, func(o *Options) *int { return &o.MaxClients }),
	number("timeout", "seconds after which an idle client is disconnected; 0: never", true, 0, 1<<31-1, func(o *Options) *int { return &o.Timeout }),
	memory("proto-max-bulk-len", "longest argument", true, 1<<20, 1<<40, func(o *Options) *int { return &o.MaxBulk }),
	memory("client-query-buffer-limit", "longest request", true, 1<<20, 1<<40, func(o *Options) *int { return &o.QueryLimit }),
	memory("client-reply-buffer-limit", "replies of a pipeline that are gathered before they are written", true, 1<<10, 1<<30, func(o *Options) *int { return &o.ReplyLimit }),
	flag("appendonly", "yes: keep a log of writes, and start with what it says", func(o *Options) *bool { return &o.AppendOnly }),
	{Name: "appendfsync", Usage: "when the log is on the disk: always (before the reply), everysec, or no (when the system likes)", Live: true, Set: setFsync,
		Get: func(o *Options) string { return o.AppendFsync }},
	text("dir", "where the log is", func(o *Options) *string { return &o.Dir }),
	text("appendfilename", "name of the log", func(o *Options) *string { return &o.AppendFilename }),
	memory("append-warn-size", "size of the log from which on there is a warning; 0: none", true, 0, 1<<50, func(o *Options) *int { return &o.AppendWarn }),
	number("hash-max-listpack-entries", "fields up to which a hash is called a listpack", true, 0, math.MaxInt, func(o *Options) *int { return &o.HashEntries }),
	number("hash-max-listpack-value", "bytes of a field up to which a hash is called a listpack", true, 0, math.MaxInt, func(o *Options) *int { return &o.HashBytes }),
	number("set-max-intset-entries", "integers up to which a set is called an intset", true, 0, math.MaxInt, func(o *Options) *int { return &o.SetInts }),
	number("list-max-listpack-size", "of no effect: lists have one form", true, -1<<31, 1<<31-1, func(o *Options) *int { return &o.ListSize }),
	number("list-compress-depth", "of no effect: lists have one form", true, 0, 1<<31-1, func(o *Options) *int { return &o.ListDepth }),
}

// Aliases are the names that options had before, and still have.
var Aliases = map[string]string{
	"hash-max-ziplist-entries": "hash-max-listpack-entries",
	"hash-max-ziplist-value":   "hash-max-listpack-value",
	"list-max-ziplist-size":    "list-max-listpack-size",
}

// Find returns the option of a name, or nil.
func Find(name string) *Param {
	if now := Aliases[strings.ToLower(name)]; now != "" {
		name = now
	}
	for _, p := range Params {
		if strings.EqualFold(p.Name, name) {
			return p
		}
	}
	return nil
}

func number(name, usage string, live bool, least, most int, field func(*Options) *int) *Param {
	return &Param{Name: name, Usage: usage, Live: live,
		Get: func(o *Options) string { return strconv.Itoa(*field(o)) },
		Set: func(o *Options, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || strconv.Itoa(n) != v { // 05 and +5 are none
				return errors.New("argument couldn't be parsed into an integer")
			}
			if n < least || n > most {
				return fmt.Errorf("argument must be between %d and %d inclusive", least, most)
			}
			*field(o) = n
			return nil
		}}
}

func memory(name, usage string, live bool, least, most int64, field func(*Options) *int) *Param {
	return &Param{Name: name, Usage: usage + " (bytes, or with kb, mb, gb)", Live: live,
		Get: func(o *Options) string { return strconv.Itoa(*field(o)) },
		Set: func(o *Options, v string) error {
			n, ok := bytesOf(v)
			if !ok {
				return errors.New("argument must be a memory value")
			}
			if n < least || n > min(most, 1<<(strconv.IntSize-2)) {
				return fmt.Errorf("argument must be between %d and %d inclusive", least, most)
			}
			*field(o) = int(n)
			return nil
		}}
}

// bytesOf reads a size: 1k is 1000, 1kb is 1024, and so on.
func bytesOf(v string) (int64, bool) {
	digits := strings.TrimRight(strings.ToLower(v), "kmgb")
	n, err := strconv.ParseInt(digits, 10, 64)
	units := map[string]int64{"": 1, "b": 1, "k": 1e3, "kb": 1 << 10, "m": 1e6, "mb": 1 << 20, "g": 1e9, "gb": 1 << 30}
	unit, ok := units[strings.ToLower(v[len(digits):])]
	if err != nil || !ok || n < 0 || n > 1<<62/unit {
		return 0, false
	}
	return n * unit, true
}

func flag(name, usage string, field func(*Options) *bool) *Param {
	return &Param{Name: name, Usage: usage,
		Get: func(o *Options) string {
			if *field(o) {
				return "yes"
			}
			return "no"
		},
		Set: func(o *Options, v string) error {
			switch strings.ToLower(v) {
			case "yes":
				*field(o) = true
			case "no":
				*field(o) = false
			default:
				return errors.New("argument must be 'yes' or 'no'")
			}
			return nil
		}}
}

func text(name, usage string, field func(*Options) *string) *Param {
	return &Param{Name: name, Usage: usage,
		Get: func(o *Options) string { return *field(o) },
		Set: func(o *Options, v string) error {
			if v == "" {
				return errors.New("argument must not be empty")
			}
			*field(o) = v
			return nil
		}}
}

func setBind(o *Options, v string) error {
	list := strings.Fields(v)
	if len(list) == 0 {
		return errors.New("argument must be one address or more")
	}
	for i, a := range list {
		if a == "*" {
			list[i] = "0.0.0.0"
			continue
		}
		if _, err := netip.ParseAddr(a); err != nil {
			return fmt.Errorf("%q is no IP address", a)
		}
	}
	o.Bind = list
	return nil
}

func setCPUs(o *Options, v string) (err error) {
	o.CPUs, err = place.Parse(v)
	return err
}

// maxSpin is the longest spin: who wants more wants a core that never sleeps.
const maxSpin = time.Second

func setSpin(o *Options, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil {
		return errors.New("argument must be a time with its unit, such as 50us")
	}
	if d < 0 || d > maxSpin || d%time.Microsecond != 0 {
		return fmt.Errorf("argument must be a number of microseconds between 0 and %s", microseconds(maxSpin))
	}
	o.Spin = d
	return nil
}

// microseconds prints a time as setSpin reads it.
func microseconds(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	return strconv.FormatInt(d.Microseconds(), 10) + "us"
}

func setFsync(o *Options, v string) error {
	switch v = strings.ToLower(v); v {
	case Always, EverySec, No:
		o.AppendFsync = v
		return nil
	}
	return errors.New("argument(s) must be one of the following: everysec, always, no")
}
