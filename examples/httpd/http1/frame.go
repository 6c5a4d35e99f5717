package http1

import (
	"bytes"
	"math"
)

// note takes notice of a field that matters to the server itself.
func (r *Request) note(f field) *Error {
	name, value := f.name.of(r.head), f.value.of(r.head)
	switch len(name) {
	case len("host"):
		if is(name, "host") {
			r.hosts++
			r.host = f.value
		}
	case len("expect"):
		if is(name, "expect") {
			if !bytes.EqualFold(value, []byte("100-continue")) {
				return errExpect
			}
			r.goOn = true
		}
	case len("trailer"):
		if is(name, "trailer") {
			return r.noteTrailer(value)
		}
	case len("connection"):
		if is(name, "connection") {
			r.noteConnection(value)
		}
	case len("content-length"):
		if is(name, "content-length") {
			return r.noteLength(value)
		}
	case len("transfer-encoding"):
		if is(name, "transfer-encoding") {
			if r.coded || !is(value, "chunked") {
				return errCoding
			}
			r.coded = true
		}
	}
	return nil
}

func (r *Request) noteConnection(value []byte) {
	elements(value, func(e []byte) {
		switch {
		case is(e, "close"):
			r.close = true
		case is(e, "keep-alive"):
			r.keep = true
		}
	})
}

// noteTrailer refuses a trailer that would say how long the request is.
func (r *Request) noteTrailer(value []byte) (err *Error) {
	elements(value, func(e []byte) {
		if is(e, "transfer-encoding") || is(e, "content-length") || is(e, "trailer") {
			err = errTrailer
		}
	})
	return err
}

// noteLength reads Content-Length. A number that is too large for any body is one that is
// over every limit.
func (r *Request) noteLength(value []byte) *Error {
	if r.lengths++; r.lengths > 1 {
		return errLengthTwice
	}
	if len(value) == 0 {
		return errLengthValue
	}
	n := int64(0)
	for _, c := range value {
		if c < '0' || c > '9' {
			return errLengthValue
		}
		if n > (math.MaxInt64-9)/10 {
			n = (math.MaxInt64 - 9) / 10
		}
		n = n*10 + int64(c-'0')
	}
	r.Length = n
	return nil
}

// frame decides what the body is, once all fields are known.
func (r *Request) frame() *Error {
	switch {
	case r.hosts > 1:
		return errHostTwice
	case r.hosts == 0 && r.Minor > 0:
		return errHostMissing
	case !validHost(r.host.of(r.head)):
		return errHostValue
	case r.coded && r.Minor == 0:
		return errOldChunked
	case r.coded && r.lengths > 0:
		return errBothLengths
	case r.coded:
		r.Length = -1
	}
	if r.Minor == 0 {
		r.goOn = false
	}
	return nil
}

// validHost reports whether b may be a host with a port. It is not looked at more closely
// than for bytes that are in no host.
func validHost(b []byte) bool {
	for _, c := range b {
		if class[c]&inHost == 0 {
			return false
		}
	}
	return true
}
