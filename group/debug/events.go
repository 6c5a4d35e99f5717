package debug

import (
	"encoding/json"
	"net/http"
	"time"
)

// writeWithin is how long a client may take to read an event, or the server to get rid of it.
const writeWithin = 5 * time.Second

// events streams Reports until the client goes, does not read, or the server is shut down.
func (h *handler) events(w http.ResponseWriter, r *http.Request) {
	select {
	case h.streams <- struct{}{}:
		defer func() { <-h.streams }()
	default:
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, "Too many streams are open: close another dashboard, "+
			"or allow for more in debug.Config.Streams.")
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // or nginx, if it is between, would collect events
	if r.Method == http.MethodHead {
		return
	}
	tick := time.NewTicker(h.cfg.Interval)
	defer tick.Stop()
	shutdown := h.shutdown(r)
	for h.event(w) == nil {
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		case <-shutdown:
			return
		}
	}
}

// event sends one Report.
func (h *handler) event(w http.ResponseWriter) error {
	text, err := json.Marshal(NewReport(h.sources...)) // it has no newlines, which would end the event
	if err != nil {
		return err
	}
	control := http.NewResponseController(w)
	// An error would mean that w is wrapped and hides its deadlines. Then a client that does not read keeps its stream.
	_ = control.SetWriteDeadline(time.Now().Add(writeWithin))
	if _, err := w.Write(append(append([]byte("retry: 1000\ndata: "), text...), "\n\n"...)); err != nil {
		return err
	}
	return control.Flush()
}

// shutdown returns a channel that is closed when Shutdown is called on the server that has got r: Shutdown waits for
// requests to end, and a stream would not.
func (h *handler) shutdown(r *http.Request) <-chan struct{} {
	server, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if !ok {
		return nil
	}
	known, loaded := h.servers.LoadOrStore(server, make(chan struct{}))
	begun := known.(chan struct{})
	if !loaded {
		server.RegisterOnShutdown(func() { close(begun) })
	}
	return begun
}
