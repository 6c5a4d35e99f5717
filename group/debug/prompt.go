package debug

import (
	"net/http"
	"time"
)

// writeWithin is how long a client may take for a piece of an answer, or the server to get rid of it.
const writeWithin = 5 * time.Second

// prompt is a client that is given up when it does not take a piece of a long answer in time. There is no deadline
// between the pieces: HTTP/2 would end the answer at it, though there is nothing to be taken.
type prompt struct {
	w      http.ResponseWriter
	err    error         // the first one: no more is written then
	failed chan struct{} // closed when there is one
}

func newPrompt(w http.ResponseWriter) *prompt {
	p := &prompt{w: w, failed: make(chan struct{})}
	p.deadline(time.Time{}) // that of the server, if it has one, is for the whole answer
	return p
}

// deadline sets that of the writes to come. An error would mean that w is wrapped and hides its deadlines: then a client
// is waited for.
func (p *prompt) deadline(at time.Time) { _ = http.NewResponseController(p.w).SetWriteDeadline(at) }

func (p *prompt) Write(piece []byte) (n int, err error) {
	err = p.try(func() error {
		n, err = p.w.Write(piece)
		return err
	})
	return n, err
}

// send writes a piece, and sees that it does not wait for the next one.
func (p *prompt) send(piece []byte) error {
	return p.try(func() error {
		if _, err := p.w.Write(piece); err != nil {
			return err
		}
		return http.NewResponseController(p.w).Flush()
	})
}

func (p *prompt) try(write func() error) error {
	if p.err != nil {
		return p.err
	}
	p.deadline(time.Now().Add(writeWithin))
	if p.err = write(); p.err != nil {
		close(p.failed)
		return p.err
	}
	p.deadline(time.Time{})
	return nil
}

// end is for what the server itself writes after all pieces.
func (p *prompt) end() { p.deadline(time.Now().Add(writeWithin)) }
