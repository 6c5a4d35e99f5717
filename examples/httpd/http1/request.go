package http1

import (
	"iter"
	"net/http"
	"net/url"
)

// span is a part of the head of a request: head[at:end].
type span struct{ at, end uint32 }

func (s span) of(b []byte) []byte { return b[s.at:s.end] }

// field is a field of the header.
type field struct{ name, value span }

// Request is a request as it was received. What its methods return are parts of the buffer
// that it was read into: they are valid until the Handler returns.
type Request struct {
	Method string
	Minor  int // of the version: HTTP/1.Minor
	// Length is that of the body, in bytes, and -1 if it comes in chunks.
	Length int64
	// Body is what to read the body from. It never needs to be read or closed.
	Body Body

	head   []byte
	fields []field
	url    *url.URL // of an absolute target, or nil
	path2  string   // the path, if it is not as in head
	notes
}

// notes are what was found out while the head was read.
type notes struct {
	target span
	path   span // of the target: before the question mark
	query  span // and after it
	host   span

	hosts   int32
	lengths int32
	coded   bool // there is a Transfer-Encoding
	inLine  bool // the head ended, too early, in the request line
	goOn    bool // Expect: 100-continue
	close   bool // Connection: close
	keep    bool // Connection: keep-alive
}

// Target returns the target as it was sent, as in "/search?q=x".
func (r *Request) Target() []byte { return r.target.of(r.head) }

// RawPath returns the path as it was sent: percent-encoded.
func (r *Request) RawPath() []byte {
	if r.url != nil {
		return []byte(r.url.EscapedPath())
	}
	return r.path.of(r.head)
}

// Query returns what is behind the question mark, as it was sent.
func (r *Request) Query() []byte { return r.query.of(r.head) }

// Host returns the host that is asked for, with the port if there is one.
func (r *Request) Host() []byte {
	if r.url != nil {
		return []byte(r.url.Host)
	}
	return r.host.of(r.head)
}

// Path returns the path, decoded.
func (r *Request) Path() string {
	if r.path2 != "" {
		return r.path2
	}
	return string(r.RawPath())
}

// Field returns the value of the first field of that name, which is in small letters, or nil
// if there is none.
func (r *Request) Field(name string) []byte {
	for _, f := range r.fields {
		if is(f.name.of(r.head), name) {
			return f.value.of(r.head)
		}
	}
	return nil
}

// Fields returns all fields of the header, as they were sent.
func (r *Request) Fields() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for _, f := range r.fields {
			if !yield(f.name.of(r.head), f.value.of(r.head)) {
				return
			}
		}
	}
}

// reset makes r one that nothing is known of. The array of fields is kept, and the Body is left
// to its begin: a request of a few bytes is not to cost the clearing of all that one may have.
func (r *Request) reset(head []byte) {
	r.Method, r.Minor, r.Length = "", 0, 0
	r.head, r.fields, r.notes = head, r.fields[:0], notes{}
	if r.url != nil || r.path2 != "" {
		r.url, r.path2 = nil, ""
	}
}

// last reports whether the client wants no further request on the connection.
func (r *Request) last() bool { return r.close || r.Minor == 0 && !r.keep }

// method returns a string without making one, if the method is a common one.
func method(b []byte) string {
	switch string(b) {
	case http.MethodGet:
		return http.MethodGet
	case http.MethodHead:
		return http.MethodHead
	case http.MethodPost:
		return http.MethodPost
	case http.MethodPut:
		return http.MethodPut
	case http.MethodDelete:
		return http.MethodDelete
	case http.MethodPatch:
		return http.MethodPatch
	case http.MethodOptions:
		return http.MethodOptions
	}
	return string(b)
}
