package http1

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/pushcore/pushcore/exec/netio"
)

// convert makes the request one of net/http, with nothing that belongs to the loop.
func (x *exchange) convert(ctx context.Context, body io.ReadCloser) (*http.Request, error) {
	r := &x.req
	target := string(r.Target())
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil, errTarget
	}
	h := make(http.Header, len(r.fields))
	for _, f := range r.fields {
		h.Add(string(f.name.of(r.head)), string(f.value.of(r.head)))
	}
	for _, name := range []string{"Host", "Transfer-Encoding", "Trailer"} {
		h.Del(name)
	}
	req := &http.Request{
		Method: r.Method, URL: u, RequestURI: target, Header: h, Host: string(r.Host()),
		Proto: "HTTP/1." + strconv.Itoa(r.Minor), ProtoMajor: 1, ProtoMinor: r.Minor,
		Body: body, ContentLength: r.Length, Close: r.last(),
		RemoteAddr: x.c.RemoteAddr().String(),
	}
	if r.Length < 0 {
		req.TransferEncoding = []string{"chunked"}
	}
	if t, ok := x.c.(*netio.TLSConn); ok {
		state := t.ConnectionState()
		req.TLS = &state
	}
	return req.WithContext(context.WithValue(ctx, http.LocalAddrContextKey, x.c.LocalAddr())), nil
}
