package debug

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// record serves what is recorded from start to stop, for as long as the request says, or the client stays and reads.
func record(w http.ResponseWriter, r *http.Request, seconds int, start func(io.Writer) error, stop func()) {
	if text := r.URL.Query().Get("seconds"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > MaxProfile {
			refuse(w, http.StatusBadRequest, "The seconds must be a whole number from 1 to "+strconv.Itoa(MaxProfile)+".")
			return
		}
		seconds = n
	}
	kind := w.Header()
	kind.Set("Content-Type", "application/octet-stream")
	kind.Set("Content-Disposition", `attachment; filename="profile"`)
	if r.Method == http.MethodHead {
		return
	}
	client := newPrompt(w)
	defer client.end()
	if start(client) != nil {
		kind.Del("Content-Disposition")
		refuse(w, http.StatusConflict, "One is being taken already.")
		return
	}
	defer stop()
	select {
	case <-time.After(time.Duration(seconds) * time.Second):
	case <-client.failed: // what is recorded, and nobody takes, would pile up in memory
	case <-r.Context().Done():
	}
}
