package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/top/internal/fake"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
)

// serve serves something at /stats.json.
func serve(t *testing.T, f http.HandlerFunc) *client {
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return newClient(server.URL + "/stats.json")
}

// A report comes back as it was, histograms and all.
func TestFetch(t *testing.T) {
	shop := fake.Shop()
	shop()
	time.Sleep(10 * time.Millisecond)
	want := shop()
	clean(&want) // as fetch does
	server := httptest.NewServer(fake.Handler(func() debug.Report { return want }))
	t.Cleanup(server.Close)
	got, err := newClient(server.URL + "/stats.json").fetch(t.Context())
	require.NoError(t, err)
	a, err := json.Marshal(want)
	require.NoError(t, err)
	b, err := json.Marshal(got)
	require.NoError(t, err)
	require.JSONEq(t, string(a), string(b))
	require.Len(t, got.Groups, 3)
}

func TestFetchFails(t *testing.T) {
	for want, f := range map[string]http.HandlerFunc{
		"the answer is 404 Not Found: is it served by package group/debug?":               http.NotFound,
		"the answer is no report of package group/debug: invalid character '<'":           says("<html>"),
		"the answer is no report of package group/debug: it names no program":             says("{}"),
		"the answer is no report of package group/debug: json: cannot unmarshal string":   says(`{"PID":"x"}`),
		"the answer is no report of package group/debug: exec: a histogram has a bucket ": badBucket,
		"EOF": func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) },
	} {
		_, err := serve(t, f).fetch(t.Context())
		require.ErrorContains(t, err, want)
	}
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c.timeout = 20 * time.Millisecond
	_, err := c.fetch(t.Context())
	require.EqualError(t, err, "no answer within 20ms")

	c = serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat(" ", 2<<20)+"{}") })
	c.most = 1 << 20
	_, err = c.fetch(t.Context())
	require.EqualError(t, err, "the answer has more than 1 MiB")

	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := ln.Addr().String()
	require.NoError(t, ln.Close())
	_, err = newClient("http://" + addr).fetch(t.Context())
	require.ErrorContains(t, err, "cannot connect to "+addr+": ")
}

// says answers with the same always.
func says(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) }
}

func badBucket(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprint(w, `{"PID":1,"Groups":[{"Members":[{"Exec":{"RunTime":{"Buckets":[[3,4]]}}}]}]}`)
}

// Names are shown, and do not speak to the terminal.
func TestClean(t *testing.T) {
	r := debug.Report{PID: 1, Program: "a\x1b]0;evil\x07b", Groups: []group.Snapshot{{Name: "g\r\u202e", Members: []group.Member{{
		Exec: exec.Snapshot{Name: "x\x9b2J", LastStall: &exec.Stall{Function: "f\x00é", Stack: "one\n\ttwo\x1b[2J"}},
	}}}}}
	clean(&r)
	require.Equal(t, "a]0;evilb", r.Program)
	require.Equal(t, "g", r.Groups[0].Name)
	x := r.Groups[0].Members[0].Exec
	require.NotContains(t, x.Name, "\x9b")
	require.Equal(t, "fé", x.LastStall.Function)
	require.Equal(t, "one\n two[2J", x.LastStall.Stack)
}
