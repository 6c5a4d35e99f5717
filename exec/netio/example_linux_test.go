package netio_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A request is read by code that was written for goroutines, on one of those that the Exec
// keeps for what blocks. The connection stays where it is.
func ExampleConn_Outside() {
	serve := func(co *exec.Co, c *netio.Conn) error {
		outside := c.Outside()
		_, err := exec.Blocking(co, func() (struct{}, error) {
			req, err := http.ReadRequest(bufio.NewReader(outside))
			if err != nil {
				return struct{}{}, err
			}
			_, err = fmt.Fprintf(outside, "HTTP/1.0 200 OK\r\n\r\nyou want %s", req.URL.Path)
			return struct{}{}, err
		})
		return err
	}
	address := make(chan net.Addr, 1)
	x, err := exec.New(exec.Config{OnStart: func(l *exec.Local) error {
		r, err := netio.New(l, netio.Config{})
		if err != nil {
			return err
		}
		ln, err := r.Listen("tcp", "127.0.0.1:0", netio.ListenConfig{Handle: serve})
		if err == nil {
			address <- ln.Addr()
		}
		return err
	}})
	if err == nil {
		err = x.Start()
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := http.Get("http://" + (<-address).String() + "/something")
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	fmt.Println(string(text), err)
	x.Stop()
	if err := x.Wait(); err != nil {
		fmt.Println(err)
	}
	// Output: you want /something <nil>
}
