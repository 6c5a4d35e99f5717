package debug

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Defaults of Config.
const (
	DefaultInterval = 250 * time.Millisecond
	DefaultStreams  = 16
)

// Config is how a Handler serves. The zero Config is what Handler uses.
type Config struct {
	// Interval is the time from one event of a stream to the next; 0 means DefaultInterval. Streams share their events.
	Interval time.Duration

	// Streams is how many streams there may be at once; 0 means DefaultStreams. One more is answered with 503.
	Streams int

	// Hosts are the names, without ports, by which the server may be asked, besides IP addresses, localhost, and what
	// ends in .localhost. Other names are refused with 403: a page in somebody's browser could have its own name resolve
	// to this machine, and would then read what is served.
	Hosts []string
}

// Handler serves what is known of sources; see the package's documentation. It may be mounted anywhere, with
// [http.StripPrefix]. It panics if a source is nil.
func Handler(sources ...Source) http.Handler { return Config{}.Handler(sources...) }

// Handler is the function of that name, with another configuration.
func (c Config) Handler(sources ...Source) http.Handler {
	must(sources)
	c.Interval = cmp.Or(max(c.Interval, 0), DefaultInterval)
	c.Streams = cmp.Or(max(c.Streams, 0), DefaultStreams)
	return &handler{
		cfg: c, sources: sources, streams: make(chan struct{}, c.Streams),
		feed: feed{sources: sources, interval: c.Interval},
	}
}

type handler struct {
	cfg     Config
	sources []Source
	streams chan struct{} // one token for each stream that is open
	feed    feed
	servers sync.Map // see shutdown
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Cache-Control", "no-store")
	head.Set("Content-Security-Policy", policy)
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("X-Frame-Options", "DENY")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		head.Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "Only GET and HEAD are served here.")
	case !h.knownHost(r):
		refuse(w, http.StatusForbidden, "The Host of the request is neither an IP address nor localhost: "+
			"names are refused unless they are in debug.Config.Hosts.")
	case foreign(r):
		refuse(w, http.StatusForbidden, "The request comes from the page of another site.")
	default:
		h.route(w, r)
	}
}

func (h *handler) route(w http.ResponseWriter, r *http.Request) {
	switch path := strings.TrimPrefix(r.URL.Path, "/"); path {
	case "":
		answer(w, "text/html; charset=utf-8", dashboard)
	case "events":
		h.events(w, r)
	case "stats.json":
		text, err := json.MarshalIndent(NewReport(h.sources...), "", "  ")
		if err != nil {
			refuse(w, http.StatusInternalServerError, "The report is not JSON: "+err.Error())
			return
		}
		answer(w, "application/json", append(text, '\n'))
	case "dump":
		var text bytes.Buffer
		_ = Dump(&text, h.sources...) // a Buffer takes everything
		answer(w, "text/plain; charset=utf-8", text.Bytes())
	case "debug/pprof/":
		answer(w, "text/html; charset=utf-8", profiles)
	case "favicon.ico":
		w.WriteHeader(http.StatusNoContent)
	default:
		if name, ok := strings.CutPrefix(path, "debug/pprof/"); ok {
			profile(w, r, name)
			return
		}
		refuse(w, http.StatusNotFound, "There is no such page.")
	}
}

// answer sends text; net/http leaves it out if the request is a HEAD.
func answer(w http.ResponseWriter, kind string, text []byte) {
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(text)
}

func refuse(w http.ResponseWriter, code int, text string) { http.Error(w, text, code) }
