package server_test

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/pushcore/pushcore/examples/redis/config"
	"github.com/pushcore/pushcore/examples/redis/server"
)

// childArgs makes a process of this test a server, with the options that it has.
const childArgs = "REDIS_TEST_SERVER"

func TestMain(m *testing.M) {
	if args := os.Getenv(childArgs); args != "" {
		serve(strings.Split(args, "\n"))
	}
	os.Exit(m.Run())
}

// serve serves until it is killed. It prints its address when it is ready.
func serve(args []string) {
	o, err := config.Parse(args)
	if err == nil {
		var s *server.Server
		if s, err = server.New(o, slog.New(slog.NewTextHandler(os.Stderr, nil)), nil); err == nil {
			if err = s.Start(); err == nil {
				fmt.Println(s.Addr())
				select {}
			}
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
