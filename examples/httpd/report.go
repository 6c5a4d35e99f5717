package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/pushcore/pushcore/examples/httpd/http1"
)

// counts is what one worker has done, or all of them.
type counts struct {
	Connections uint64 `json:"connections"`
	Refused     uint64 `json:"refused"` // connections, because of -max-conns
	BytesIn     uint64 `json:"bytes_in"`
	BytesOut    uint64 `json:"bytes_out"`
	Handshakes  uint64 `json:"handshakes"` // of TLS
	Unshaken    uint64 `json:"handshake_errors"`
	http1.Stats
}

// summary is what -json prints.
type summary struct {
	Seconds float64  `json:"seconds"`
	Total   counts   `json:"total"`
	Workers []counts `json:"workers"`
}

func (w worker) counts() counts {
	n := w.r.Stats()
	return counts{n.Accepted - n.Refused, n.Refused, n.BytesIn, n.BytesOut, n.Handshakes, n.HandshakeErrors, w.s.Stats()}
}

// report prints what the workers have done, which have ended.
func report(out io.Writer, o *options, workers []worker, took time.Duration) error {
	s := summary{Seconds: took.Seconds()}
	for _, w := range workers {
		c := w.counts()
		s.Workers = append(s.Workers, c)
		s.Total.Connections += c.Connections
		s.Total.Refused += c.Refused
		s.Total.BytesIn += c.BytesIn
		s.Total.BytesOut += c.BytesOut
		s.Total.Handshakes += c.Handshakes
		s.Total.Unshaken += c.Unshaken
		s.Total.Stats.Add(c.Stats)
	}
	if o.json {
		return json.NewEncoder(out).Encode(s)
	}
	fmt.Fprintf(out, "\nserved %s on %s in %.1f s\n\n", count(s.Total.Requests, "request"), count(s.Total.Connections, "connection"), s.Seconds)
	if o.tls != nil {
		fmt.Fprintf(out, "%s of TLS, and %d that failed\n\n", count(s.Total.Handshakes, "handshake"), s.Total.Unshaken)
	}
	if s.Total.Cut > 0 {
		fmt.Fprintf(out, "%s cut off in a request when the time to end was up\n\n", count(s.Total.Cut, "connection"))
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "worker\trequests\tbad\tfailed\tbusy\tgone\tconnections\trefused\tbytes in\tbytes out\t")
	for i, c := range s.Workers {
		c.print(t, fmt.Sprint(i))
	}
	if len(s.Workers) > 1 {
		s.Total.print(t, "all")
	}
	return t.Flush()
}

func (c counts) print(w io.Writer, name string) {
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n",
		name, c.Requests, c.Bad, c.Failed, c.Busy, c.Gone, c.Connections, c.Refused, c.BytesIn, c.BytesOut)
}
