// Package hello is the two responses that every HTTP server of the network table gives, and the least that a server
// must understand to give them. They have the headers that TechEmpower's benchmarks ask for, so that all send the same
// bytes.
package hello

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"sync/atomic"
	"time"
)

// The parts of the responses.
const (
	Text   = "Hello, World!"
	Server = "pushcore"

	TextType = "text/plain"
	JSONType = "application/json"
)

// Message is what /json answers with, marshalled anew for each request.
type Message struct {
	Message string `json:"message"`
}

// JSON returns the body of /json.
func JSON() []byte {
	b, err := json.Marshal(Message{Text})
	if err != nil {
		panic(err) // a struct of one string
	}
	return b
}

// ErrRequest means that what came is no request that this package understands.
var ErrRequest = errors.New("malformed request")

var end = []byte("\r\n\r\n")

// Next finds the end of the first request in b, which has no body, and returns its path and its length; a length of 0
// means that the rest of it has not come yet. It looks at the request line alone: a peer that is measured with it is
// spared the work of a real parser.
func Next(b []byte) (path []byte, n int, err error) {
	i := bytes.Index(b, end)
	if i < 0 {
		return nil, 0, nil
	}
	line, found := bytes.CutPrefix(b[:i], []byte("GET "))
	j := bytes.IndexByte(line, ' ')
	if !found || j < 0 || !bytes.HasPrefix(line[j+1:], []byte("HTTP/1.1")) {
		return nil, 0, ErrRequest
	}
	return line[:j], i + len(end), nil
}

// Append appends the response to a request for path. Any goroutine may call it.
func Append(dst, path []byte) []byte {
	switch string(path) {
	case "/plaintext":
		dst = head(dst, "200 OK", TextType, len(Text))
		return append(dst, Text...)
	case "/json":
		body := JSON()
		dst = head(dst, "200 OK", JSONType, len(body))
		return append(dst, body...)
	}
	return head(dst, "404 Not Found", TextType, 0)
}

func head(dst []byte, status, kind string, length int) []byte {
	dst = append(dst, "HTTP/1.1 "...)
	dst = append(dst, status...)
	dst = append(dst, "\r\nServer: "+Server+"\r\nContent-Type: "...)
	dst = append(dst, kind...)
	dst = append(dst, "\r\nContent-Length: "...)
	dst = strconv.AppendInt(dst, int64(length), 10)
	dst = append(dst, "\r\nDate: "...)
	dst = append(dst, *date.Load()...)
	return append(dst, end...)
}

var date atomic.Pointer[string]

func init() { setDate() }

func setDate() {
	s := time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
	date.Store(&s)
}

// KeepDate sets the date of the responses every second. It does not return.
func KeepDate() {
	for range time.Tick(time.Second) {
		setDate()
	}
}
