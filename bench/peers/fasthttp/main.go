// Command fasthttp is the HTTP server of the network table on valyala/fasthttp.
package main

import (
	"context"
	"flag"
	"log"
	"net"

	"github.com/valyala/fasthttp"

	"github.com/pushcore/pushcore/bench/internal/hello"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "the `address` to listen on")
	flag.Parse()
	cfg := net.ListenConfig{}
	cfg.SetMultipathTCP(false)
	ln, err := cfg.Listen(context.Background(), "tcp4", *addr)
	if err != nil {
		log.Fatal(err)
	}
	s := &fasthttp.Server{Name: hello.Server, Handler: func(ctx *fasthttp.RequestCtx) {
		switch string(ctx.Path()) {
		case "/plaintext":
			ctx.SetContentType(hello.TextType)
			ctx.SetBodyString(hello.Text)
		case "/json":
			ctx.SetContentType(hello.JSONType)
			ctx.SetBody(hello.JSON())
		default:
			ctx.SetStatusCode(fasthttp.StatusNotFound)
		}
	}}
	log.Fatal(s.Serve(ln))
}
