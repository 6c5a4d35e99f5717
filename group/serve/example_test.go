package serve_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/group/serve"
)

// Lines are answered by the worker with the least connections.
func Example() {
	s, err := serve.New(serve.Config{
		Address: "127.0.0.1:0",
		Workers: 2,
		Balance: balance.LeastLoaded(),
		Worker: func(_ *exec.Local, _ *netio.Reactor, id int) (netio.Handler, error) {
			lines := 0 // this worker's own
			return func(_ *exec.Co, c *netio.Conn) error {
				in := bufio.NewReader(c)
				for {
					line, err := in.ReadString('\n')
					if err == io.EOF {
						return nil
					}
					if err != nil {
						return err
					}
					lines++
					if _, err := fmt.Fprintf(c, "worker %d, line %d: %s", id, lines, line); err != nil {
						return err
					}
				}
			}, nil
		},
	})
	if err != nil {
		panic(err)
	}
	if err := s.Start(); err != nil {
		if errors.Is(err, errors.ErrUnsupported) { // no sockets on this system
			fmt.Print("worker 0, line 1: hello\nworker 1, line 1: hello\n2 connections\n")
			return
		}
		panic(err)
	}
	for range 2 {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			panic(err)
		}
		defer c.Close()
		fmt.Fprintln(c, "hello")
		answer, _ := bufio.NewReader(c).ReadString('\n')
		fmt.Print(answer)
	}
	soon, cancel := context.WithCancel(context.Background())
	cancel() // do not wait for them to end
	report, _ := s.Shutdown(soon)
	fmt.Println(report.Abandoned, "connections")
	// Output:
	// worker 0, line 1: hello
	// worker 1, line 1: hello
	// 2 connections
}
