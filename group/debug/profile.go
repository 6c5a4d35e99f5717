package debug

import (
	"net/http"
	"net/url"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"strconv"
)

// MaxProfile is the longest time, in seconds, for which a CPU profile or a trace is taken.
const MaxProfile = 60

// lookups are the profiles that show a state. Others, which programs may have made for themselves, are not served.
var lookups = []string{"allocs", "block", "goroutine", "heap", "mutex", "threadcreate"}

// profile serves what net/http/pprof would, but for the command line, which often has secrets in it.
func profile(w http.ResponseWriter, r *http.Request, name string) {
	query := r.URL.Query()
	switch {
	case name == "profile":
		record(w, r, 30, pprof.StartCPUProfile, pprof.StopCPUProfile)
	case name == "trace":
		record(w, r, 1, trace.Start, trace.Stop)
	case !slices.Contains(lookups, name):
		refuse(w, http.StatusNotFound, "There is no such profile.")
	case query.Has("seconds"):
		refuse(w, http.StatusBadRequest, "Only the CPU profile and the trace know seconds.")
	default:
		look(w, r, name, query)
	}
}

// look serves the profile of that name as it is now.
func look(w http.ResponseWriter, r *http.Request, name string, query url.Values) {
	detail, _ := strconv.Atoi(query.Get("debug")) // not a number: 0
	if detail = min(max(detail, 0), 2); detail > 0 {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	} else {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
	if r.Method == http.MethodHead {
		return
	}
	if name == "heap" && query.Get("gc") == "1" {
		runtime.GC()
	}
	_ = pprof.Lookup(name).WriteTo(w, detail) // it fails if the client has gone
}
