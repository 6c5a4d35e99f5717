package debug_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group/debug"
)

// Without a host it is this machine only.
func TestServe(t *testing.T) {
	s, err := debug.Serve(":0", newFake())
	require.NoError(t, err)
	addr := s.Addr().(*net.TCPAddr)
	require.Equal(t, "127.0.0.1", addr.IP.String())
	require.NotZero(t, addr.Port)

	r, err := http.Get("http://" + addr.String() + "/dump")
	require.NoError(t, err)
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), "group ingest")

	events, _ := stream(t, "http://"+addr.String())
	_, err = bufio.NewReader(events.Body).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, s.Close())
	_, err = io.Copy(io.Discard, events.Body)
	require.Error(t, err, "streams end, too")
	_, err = net.Dial("tcp", addr.String())
	require.Error(t, err)
	_ = s.Close() // again
}

func TestServeErrors(t *testing.T) {
	_, err := debug.Serve("6060")
	require.ErrorContains(t, err, `address "6060" is not host:port, as in :6060`)

	s, err := debug.Serve(":0")
	require.NoError(t, err)
	defer s.Close()
	_, err = debug.Serve(s.Addr().String())
	require.ErrorContains(t, err, "debug: listen tcp")
}
