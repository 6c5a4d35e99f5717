package netio_test

import (
	"fmt"
	"io"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A server that greets, and a client that listens, on one loop. The configurations are those
// of crypto/tls: serverTLS has a certificate, clientTLS the authority that has signed it, and
// the name of the server.
func ExampleServeTLS() {
	greet, err := netio.ServeTLS(netio.TLSConfig{TLS: serverTLS()}, func(_ *exec.Co, c *netio.TLSConn) error {
		_, err := fmt.Fprintf(c, "hello from %s", c.ConnectionState().ServerName)
		return err
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := exec.New(exec.Config{OnStart: func(l *exec.Local) error {
		r, err := netio.New(l, netio.Config{})
		if err != nil {
			return err
		}
		ln, err := r.Listen("tcp", "127.0.0.1:0", netio.ListenConfig{Handle: greet})
		if err != nil {
			return err
		}
		return l.Go(func(*exec.Co) {
			defer l.Exec().Stop()
			c, err := r.Dial("tcp", ln.Addr().String(), netio.DialConfig{})
			if err != nil {
				fmt.Println(err)
				return
			}
			t, err := netio.TLS(c, netio.TLSConfig{TLS: clientTLS(), Client: true})
			if err != nil {
				fmt.Println(err)
				return
			}
			text, err := io.ReadAll(t)
			fmt.Println(string(text), err)
		})
	}})
	if err == nil {
		if err = x.Start(); err == nil {
			err = x.Wait()
		}
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output: hello from server.test <nil>
}
