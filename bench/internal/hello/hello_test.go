package hello

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNext(t *testing.T) {
	const one = "GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n"
	path, n, err := Next([]byte(one + one))
	require.NoError(t, err)
	require.Equal(t, "/plaintext", string(path))
	require.Equal(t, len(one), n)
	for i := range len(one) {
		_, n, err := Next([]byte(one[:i]))
		require.NoError(t, err)
		require.Zero(t, n)
	}
	for _, bad := range []string{"POST / HTTP/1.1\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", "\r\n\r\n"} {
		_, _, err := Next([]byte(bad))
		require.ErrorIs(t, err, ErrRequest, bad)
	}
}

func TestAppend(t *testing.T) {
	for path, want := range map[string]struct {
		status     int
		kind, body string
	}{
		"/plaintext": {200, TextType, Text},
		"/json":      {200, JSONType, `{"message":"Hello, World!"}`},
		"/other":     {404, TextType, ""},
	} {
		res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(Append(nil, []byte(path)))), nil)
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, want.status, res.StatusCode)
		require.Equal(t, want.kind, res.Header.Get("Content-Type"))
		require.Equal(t, Server, res.Header.Get("Server"))
		require.Equal(t, want.body, string(body))
		require.Equal(t, int64(len(want.body)), res.ContentLength)
		_, err = http.ParseTime(res.Header.Get("Date"))
		require.NoError(t, err)
	}
}
