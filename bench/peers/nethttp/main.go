// Command nethttp is the HTTP server of the network table on net/http.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"net/http"
	"strconv"

	"github.com/pushcore/pushcore/bench/internal/hello"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "the `address` to listen on")
	flag.Parse()
	cfg := net.ListenConfig{}
	cfg.SetMultipathTCP(false) // another protocol, and not what the others speak
	ln, err := cfg.Listen(context.Background(), "tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	// A switch in the place of a ServeMux: the same for every peer.
	log.Fatal(http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/plaintext":
			answer(w, hello.TextType, []byte(hello.Text))
		case "/json":
			answer(w, hello.JSONType, hello.JSON())
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})))
}

func answer(w http.ResponseWriter, kind string, body []byte) {
	h := w.Header()
	h["Server"] = server
	h["Content-Type"] = []string{kind}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	if _, err := w.Write(body); err != nil {
		return // the client has gone
	}
}

var server = []string{hello.Server}
