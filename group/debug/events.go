package debug

import "net/http"

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
	client, shutdown := newPrompt(w), h.shutdown(r)
	defer client.end()
	if client.send([]byte("retry: 1000\n\n")) != nil {
		return
	}
	for {
		event, tick, err := h.feed.now()
		if err != nil || client.send(event) != nil {
			return
		}
		select {
		case <-h.feed.after(tick):
		case <-r.Context().Done():
			return
		case <-shutdown:
			return
		}
	}
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
