package main

import (
	"fmt"
	"strings"

	"github.com/pushcore/pushcore/examples/redis/config"
)

// usage is what -h prints.
func usage() string {
	var b strings.Builder
	b.WriteString(`redis serves keys and values from memory to any client of Redis.

The keys are split over workers, each a loop on a thread of its own. A client speaks RESP2 or
RESP3 with one of them, and what it asks of the others' keys is fetched for it.

Usage:
  redis [--config FILE] [--OPTION VALUE ...]

Options, each also a line "OPTION VALUE" of the file; the command line has the last word:
`)
	o := config.Default()
	for _, p := range config.Params {
		def := p.Get(o)
		if def != "" {
			def = " (default " + def + ")"
		}
		fmt.Fprintf(&b, "  --%-27s %s%s\n", p.Name, p.Usage, def)
	}
	b.WriteString(`
Only here:
  --config FILE                 read options from a file, in the words of redis.conf
  --json                        the summary at the end is one JSON object
  --debug ADDRESS               a dashboard of what the workers do, for a browser and for examples/top,
                                at this address, such as :6060, which is of this machine only
  --flight DIR                  when a worker stalls, write a trace of the seconds before it there, for
                                go tool trace: 10 at most

Examples:
  redis
  redis --port 7000 --io-threads 2 --cpus 0-1
  redis --debug :6060
  redis --appendonly yes --appendfsync always --dir /var/lib/redis

SIGUSR1 prints the statistics as JSON, and what the workers have done to stderr. Ctrl-C ends the server: what was asked for is finished,
the log is written, and a summary is printed; a second one ends it at once. The exit code is 0,
1 if something went wrong or 2 for a mistake in the options.
`)
	return b.String()
}
