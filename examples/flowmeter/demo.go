package main

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Sizes of the demonstration: a few thousand packets in a few seconds.
const (
	demoTime    = 3 * time.Second
	demoClients = 4
	demoPause   = 2 * time.Millisecond // between a client's fetches
	demoSmall   = 1 << 10
	demoLarge   = 64 << 10
)

// demoCapture is what the demonstration reads where it may not capture. testdata/gen.go made it.
//
//go:embed testdata/demo.pcap
var demoCapture []byte

// demo meters pages that it serves and fetches itself over the loopback interface or, where
// packet sockets are not allowed, the built-in capture.
func demo(ctx context.Context, o *options, stderr io.Writer) (*report, error) {
	src, err := openLive(loopbackName())
	if err != nil { // whatever the reason: the demonstration must go on
		fmt.Fprintf(stderr, "flowmeter: %v: reading the built-in capture instead\n", err)
		src, err := openBytes("built-in demo.pcap", demoCapture, 1)
		if err != nil {
			return nil, err
		}
		return meterAll(ctx, src, o, ctx)
	}
	defer src.close()
	fmt.Fprintf(stderr, "flowmeter: fetching pages from myself over loopback for %v\n", demoTime)
	during, cancel := context.WithTimeout(ctx, demoTime)
	defer cancel()
	traffic := make(chan error, 1)
	go func() {
		defer cancel() // the capture ends with the traffic
		traffic <- fetchPages(during)
	}()
	r, err := meterAll(during, src, o, ctx)
	cancel()
	return r, cmp.Or(err, <-traffic)
}

// loopbackName returns the name of the loopback interface, "lo" if there is none to be seen.
func loopbackName() string {
	all, _ := net.Interfaces()
	for _, i := range all {
		if i.Flags&net.FlagLoopback != 0 {
			return i.Name
		}
	}
	return "lo"
}

// fetchPages serves HTTP on a loopback port and fetches from it until ctx ends.
func fetchPages(ctx context.Context) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	page := bytes.Repeat([]byte("flow "), demoLarge/5)
	mux := http.NewServeMux()
	mux.HandleFunc("/small", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page[:demoSmall]) })
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) })
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: demoTime}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = srv.Serve(ln) // http.ErrServerClosed, always
	}()
	var clients sync.WaitGroup
	for i := range demoClients {
		clients.Go(func() { fetch(ctx, "http://"+ln.Addr().String(), i) })
	}
	clients.Wait()
	err = srv.Close()
	<-served
	return err
}

// fetch is one client with one connection: mostly small pages, now and then a large one. Errors
// end it: the context's end is one.
func fetch(ctx context.Context, base string, client int) {
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	for i := client; ; i++ {
		url := base + "/small"
		if i%8 == 0 {
			url = base + "/large"
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return
		}
		res, err := tr.RoundTrip(req)
		if err != nil {
			return
		}
		_, err = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if err != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(demoPause):
		}
	}
}
