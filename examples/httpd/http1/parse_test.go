package http1

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// lines joins lines as HTTP does, with an empty one at the end.
func lines(l ...string) string { return strings.Join(l, "\r\n") + "\r\n\r\n" }

func TestParse(t *testing.T) {
	r := &Request{}
	text := lines("POST /a%20b?x=1?y HTTP/1.1", "Host: example.com:80", "Content-Length:  12 ", "X-One:\ttwo words\t ", "X-Empty:", "connection: x, Close") + "more"
	n, err := r.parse([]byte(text), 10)
	require.Nil(t, err)
	require.Equal(t, len(text)-len("more"), n)
	require.Equal(t, "POST", r.Method)
	require.Equal(t, "/a%20b?x=1?y", string(r.Target()))
	require.Equal(t, "/a%20b", string(r.RawPath()))
	require.Equal(t, "/a b", r.Path())
	require.Equal(t, "x=1?y", string(r.Query()))
	require.Equal(t, "example.com:80", string(r.Host()))
	require.Equal(t, 1, r.Minor)
	require.EqualValues(t, 12, r.Length)
	require.Equal(t, "two words", string(r.Field("x-one")))
	require.Equal(t, "", string(r.Field("x-empty")))
	require.NotNil(t, r.Field("x-empty"))
	require.Nil(t, r.Field("x-none"))
	require.True(t, r.last())
	var names []string
	for name, value := range r.Fields() {
		names = append(names, string(name)+"="+string(value))
	}
	require.Equal(t, []string{"Host=example.com:80", "Content-Length=12", "X-One=two words", "X-Empty=", "connection=x, Close"}, names)
}

func TestParseTargets(t *testing.T) {
	for _, c := range []struct{ target, method, raw, path, query, host string }{
		{"/", "GET", "/", "/", "", "h"},
		{"/?", "GET", "/", "/", "", "h"},
		{"//a//b", "GET", "//a//b", "//a//b", "", "h"},
		{"/%41?%zz", "GET", "/%41", "/A", "%zz", "h"},
		{"*", "OPTIONS", "*", "*", "", "h"},
		{"https://other/", "OPTIONS", "/", "/", "", "other"},
		{"http://other:8080/x/%41?y", "GET", "/x/%41", "/x/A", "y", "other:8080"},
		{"http://other", "GET", "/", "/", "", "other"},
		{"http://other?q", "GET", "/", "/", "q", "other"},
	} {
		r := &Request{}
		n, err := r.parse([]byte(lines(c.method+" "+c.target+" HTTP/1.1", "Host: h")), 10)
		require.Nil(t, err, c.target)
		require.NotZero(t, n, c.target)
		got := []string{string(r.RawPath()), r.Path(), string(r.Query()), string(r.Host())}
		require.Equal(t, []string{c.raw, c.path, c.query, c.host}, got, c.target)
	}
}

func TestParseErrors(t *testing.T) {
	const line, host = "GET / HTTP/1.1", "Host: h"
	for _, c := range []struct {
		text string
		want *Error
	}{
		{"GET", nil}, {"GET /", nil}, {"GET / HTTP/1.1\r", nil}, {"GET / HTTP/1.1\r\n", nil}, {"GET / HTTP/1.1\r\nA: b\r\n\r", nil},
		{" / HTTP/1.1\r\n", errMethod},
		{"\r\n" + lines(line, host), errMethod},
		{"\x16\x03\x01\x02", errMethod}, // TLS
		{"G\x00T / HTTP/1.1\r\n", errMethod},
		{"GET\t/ HTTP/1.1\r\n", errMethod},
		{"GET  / HTTP/1.1\r\n", errLine},
		{"GET / /a HTTP/1.1\r\n", errLine},
		{"GET /\r\n", errLine},
		{"GET /\x00 HTTP/1.1\r\n", errLine},
		{"GET /\x7f HTTP/1.1\r\n", errLine},
		{"GET / http/1.1\r\n", errLine},
		{"GET / HTTP/1.1 \r\n", errLine},
		{"GET / HTTP/11\r\n", errLine},
		{"GET / HTTP/1.1\n", errBareLF},
		{lines("GET / HTTP/2.0", host), errVersion},
		{lines("GET / HTTP/0.9", host), errVersion},
		{lines("GET a HTTP/1.1", host), errTarget},
		{lines("GET /%zz HTTP/1.1", host), errTarget},
		{lines("GET /% HTTP/1.1", host), errTarget},
		{lines("GET * HTTP/1.1", host), errTarget},
		{lines("GET ftp://h/ HTTP/1.1", host), errTarget},
		{lines("GET http:///x HTTP/1.1", host), errTarget},
		{lines("GET http://me:pw@h/ HTTP/1.1", host), errTarget},
		{lines("GET mailto:x HTTP/1.1", host), errTarget},
		{lines("CONNECT h:80 HTTP/1.1", host), errConnect},
		{lines(line), errHostMissing},
		{lines("GET http://h/ HTTP/1.1"), errHostMissing},
		{lines(line, host, host), errHostTwice},
		{lines("GET / HTTP/1.0", host, host), errHostTwice},
		{lines(line, "Host: a b"), errHostValue},
		{lines(line, "Host: a/b"), errHostValue},
		{lines(line, "Host: a,b"), errHostValue},
		{lines(line, "Host : h"), errName},
		{lines(line, "Host\t: h"), errName},
		{lines(line, ": h"), errName},
		{lines(line, "Host"), errName},
		{lines(line, "Ho\x80st: h"), errName},
		{lines(line, host, " folded"), errFold},
		{lines(line, host, "\tfolded"), errFold},
		{lines(line, " "+host), errFold},
		{lines(line, host, "A: b\x00"), errValue},
		{lines(line, host, "A: \x01b"), errValue},
		{lines(line, host, "A: b\x7f"), errValue},
		{line + "\r\n" + host + "\n\r\n", errBareLF},
		{line + "\r\n" + host + "\r\n\n", errBareLF},
		{line + "\r\n" + host + "\r\rA: b\r\n\r\n", errBareCR},
		{line + "\r\n" + host + "\r\n\rA: b\r\n\r\n", errBareCR},
		{lines(line, host, "Content-Length: 1", "Content-Length: 2"), errLengthTwice},
		{lines(line, host, "Content-Length: 1", "content-length: 1"), errLengthTwice},
		{lines(line, host, "Content-Length: 1, 1"), errLengthValue},
		{lines(line, host, "Content-Length:"), errLengthValue},
		{lines(line, host, "Content-Length: +1"), errLengthValue},
		{lines(line, host, "Content-Length: -1"), errLengthValue},
		{lines(line, host, "Content-Length: 0x1"), errLengthValue},
		{lines(line, host, "Content-Length: 1 2"), errLengthValue},
		{lines(line, host, "Transfer-Encoding: chunked", "Content-Length: 1"), errBothLengths},
		{lines(line, host, "Content-Length: 1", "Transfer-Encoding: chunked"), errBothLengths},
		{lines(line, host, "Transfer-Encoding: gzip"), errCoding},
		{lines(line, host, "Transfer-Encoding: gzip, chunked"), errCoding},
		{lines(line, host, "Transfer-Encoding: chunked, identity"), errCoding},
		{lines(line, host, "Transfer-Encoding:"), errCoding},
		{lines(line, host, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), errCoding},
		{lines(line, host, "Transfer-Encoding: \x0bchunked"), errValue},
		{lines("GET / HTTP/1.0", host, "Transfer-Encoding: chunked"), errOldChunked},
		{lines(line, host, "Trailer: X, Content-Length"), errTrailer},
		{lines(line, host, "Expect: 200-ok"), errExpect},
		{lines(line, host, "A: 1", "A: 2", "A: 3", "A: 4"), errFieldsMany},
	} {
		r := &Request{}
		n, err := r.parse([]byte(c.text), 4)
		require.Zero(t, n, "%q", c.text)
		require.Same(t, c.want, err, "%q", c.text)
	}
}

// A head is accepted when all of it is there, and never before.
func TestParsePrefixes(t *testing.T) {
	text := lines("PUT /a?b HTTP/1.1", "Host: h", "Content-Length: 3", "Expect: 100-Continue", "X: \xe4")
	r := &Request{}
	for i := range text {
		n, err := r.parse([]byte(text[:i]), 10)
		require.Nil(t, err, i)
		require.Zero(t, n, i)
		require.Equal(t, i < strings.Index(text, "\n")+1, r.inLine, i)
	}
	n, err := r.parse([]byte(text), 10)
	require.Nil(t, err)
	require.Equal(t, len(text), n)
	require.True(t, r.goOn)
}

func TestParseLengths(t *testing.T) {
	for value, want := range map[string]int64{"0": 0, "007": 7, "9223372036854775807": 9223372036854775807 - 9, strings.Repeat("9", 100): 0} {
		r := &Request{}
		_, err := r.parse([]byte(lines("GET / HTTP/1.1", "Host: h", "Content-Length: "+value)), 10)
		require.Nil(t, err, value)
		if len(value) > 5 {
			require.Greater(t, r.Length, int64(maxBody), value)
		} else {
			require.Equal(t, want, r.Length, value)
		}
	}
}

func TestChunkSizes(t *testing.T) {
	for line, want := range map[string]any{
		"0\r\n": 0, "a\r\n": 10, "FfF\r\n": 0xfff, "00001\r\n": 1, "1;a=b\r\n": 1, "1;\r\n": 1, "fffffffffffffff\r\n": int64(1<<60 - 1),
		"1000000000000000\r\n": errBodyLong,
		"\r\n":                 errChunkSize, "\n": errChunkSize, "g\r\n": errChunkSize, "-1\r\n": errChunkSize, "0x1\r\n": errChunkSize, " 1\r\n": errChunkSize,
		"1 \r\n": errChunkSize, "1 ;a\r\n": errChunkSize, "1\n": errBareLF, "1;a\n": errBareLF, "1;\x00\r\n": errChunkSize, "1\r\r\n": errChunkSize, ";a\r\n": errChunkSize,
	} {
		n, err := parseChunkSize([]byte(line))
		if want, ok := want.(*Error); ok {
			require.Same(t, want, err, "%q", line)
			continue
		}
		require.Nil(t, err, "%q", line)
		require.EqualValues(t, want, n, "%q", line)
	}
}

func TestConfigErrors(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{MaxHeader: 100}, "MaxHeader is 100: it must be from 512"},
		{Config{MaxFields: -1}, "MaxFields is -1"},
		{Config{OutBuffer: 1 << 30}, "OutBuffer is 1073741824"},
		{Config{MaxBody: -1}, "MaxBody is -1"},
		{Config{BodyTimeout: -1}, "BodyTimeout is -1ns"},
		{Config{Name: "a\nb"}, `Name is "a\nb"`},
	} {
		_, err := c.cfg.withDefaults()
		require.ErrorContains(t, err, c.want)
	}
	cfg, err := Config{}.withDefaults()
	require.NoError(t, err)
	require.Equal(t, DefaultPipe, cfg.Pipe)
}

func ExampleError() {
	fmt.Println(errFold)
	// Output: http1: 400 Bad Request: a field is continued on the next line
}
