package http1

import (
	"errors"
	"fmt"
	"net/http"
)

// Error is a request that cannot be answered in any other way than by an error. A [Handler]
// may return one: if it has not begun to answer, the client gets the status and the text, and
// the connection is closed.
type Error struct {
	Status int
	Text   string
}

func (e *Error) Error() string {
	return fmt.Sprintf("http1: %d %s: %s", e.Status, http.StatusText(e.Status), e.Text)
}

// ErrAnswered is returned by what begins an answer when there is one already, ErrLength by a
// Write of more than was announced, and as the error of an answer that ended with less.
var (
	ErrAnswered = errors.New("http1: the request has an answer already")
	ErrLength   = errors.New("http1: the body of the answer is not as long as was announced")
)

// What is wrong with a request. They are made once, so that a flood of bad requests costs no
// memory.
var (
	errMethod       = bad("the method is not a token")
	errTarget       = bad("the target of the request is not valid")
	errLine         = bad("the request line is not METHOD TARGET HTTP/VERSION")
	errBareLF       = bad("a line ends with LF without CR")
	errBareCR       = bad("CR without LF")
	errFold         = bad("a field is continued on the next line")
	errName         = bad("the name of a field is not a token followed by a colon")
	errValue        = bad("the value of a field has a control character")
	errHostMissing  = bad("there is no Host field")
	errHostTwice    = bad("there are several Host fields")
	errHostValue    = bad("the Host field is not valid")
	errLengthTwice  = bad("there are several Content-Length fields")
	errLengthValue  = bad("Content-Length is not a number")
	errBothLengths  = bad("there are both Content-Length and Transfer-Encoding")
	errOldChunked   = bad("Transfer-Encoding in HTTP/1.0")
	errChunkSize    = bad("the size of a chunk is not valid")
	errChunkEnd     = bad("a chunk does not end with CRLF")
	errTrailer      = bad("a trailer field is not valid")
	errTruncated    = bad("the request ends before its body does")
	errCoding       = &Error{http.StatusNotImplemented, "the only transfer coding is chunked"}
	errConnect      = &Error{http.StatusNotImplemented, "CONNECT is for proxies"}
	errVersion      = &Error{http.StatusHTTPVersionNotSupported, "the version must be HTTP/1.0 or HTTP/1.1"}
	errExpect       = &Error{http.StatusExpectationFailed, "the only expectation is 100-continue"}
	errLineLong     = &Error{http.StatusRequestURITooLong, "the request line is too long"}
	errHeadLong     = &Error{http.StatusRequestHeaderFieldsTooLarge, "the header is too long"}
	errFieldsMany   = &Error{http.StatusRequestHeaderFieldsTooLarge, "there are too many fields"}
	errBodyLong     = &Error{http.StatusRequestEntityTooLarge, "the body is too long"}
	errHeadSlow     = &Error{http.StatusRequestTimeout, "the header took too long"}
	errBodySlow     = &Error{http.StatusRequestTimeout, "the body took too long"}
	errInternal     = &Error{http.StatusInternalServerError, "the handler failed"}
	errUnavailable  = &Error{http.StatusServiceUnavailable, "too many requests wait to be dealt with"}
	errTrailersLong = &Error{http.StatusRequestHeaderFieldsTooLarge, "the trailer is too long"}
)

func bad(text string) *Error { return &Error{http.StatusBadRequest, text} }
