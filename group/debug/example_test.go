package debug_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
)

func newGroup() *group.Group[exec.Task] {
	g, err := group.New(group.Config[exec.Task]{Name: "work", Workers: 2})
	if err != nil {
		panic(err)
	}
	return g
}

// A program shows its group at http://127.0.0.1:6060/, and on SIGUSR1 in its log.
func Example() {
	g := newGroup()
	s, err := debug.Serve(":0", g) // :6060 in a program
	if err != nil {
		panic(err)
	}
	defer s.Close()
	defer debug.DumpOnSignal(os.Stderr, g)()

	r, err := http.Get("http://" + s.Addr().String() + "/dump")
	if err != nil {
		panic(err)
	}
	defer r.Body.Close()
	fmt.Println(r.Status)
	// Output: 200 OK
}

// A server that is there already gets another path.
func ExampleHandler() {
	mux := http.NewServeMux()
	mux.Handle("/debug/pushcore/", http.StripPrefix("/debug/pushcore", debug.Handler(newGroup())))
}

// The server is asked for by a name.
func ExampleConfig() {
	h := debug.Config{Hosts: []string{"box17.internal"}}.Handler(newGroup())
	http.Handle("/debug/pushcore/", http.StripPrefix("/debug/pushcore", h))
}

// Execs that are in no group are shown as if they were one.
func ExampleExecs() {
	reader, err := exec.New(exec.Config{Name: "reader"})
	if err != nil {
		panic(err)
	}
	parser, err := exec.New(exec.Config{Name: "parser"})
	if err != nil {
		panic(err)
	}
	pipeline := debug.Execs("pipeline", reader, parser)
	http.Handle("/debug/pipeline/", http.StripPrefix("/debug/pipeline", debug.Handler(pipeline)))

	for _, m := range pipeline.Snapshot().Members {
		fmt.Println(m.ID, m.Exec.Name, m.Exec.State)
	}
	// Output:
	// 0 reader made
	// 1 parser made
}

// What a program knows of its group when it has ended, without the tables of workers.
func ExampleDump() {
	g := newGroup()
	if err := g.Start(); err != nil {
		panic(err)
	}
	for range 3 {
		_ = g.Send(context.Background(), exec.Func(func(*exec.Local) {}))
	}
	if _, err := g.Drain(context.Background()); err != nil {
		panic(err)
	}

	var text bytes.Buffer
	if err := debug.Dump(&text, g); err != nil { // os.Stderr in a program
		panic(err)
	}
	for line := range strings.Lines(text.String()) {
		if strings.HasPrefix(line, "group work") || strings.HasPrefix(line, "  accepted") {
			fmt.Print(line)
		}
	}
	// Output:
	// group work, balancer RoundRobin, workers 2
	//   accepted 3, forwarded 0, spawned 0, executed 3, failed 0, expired 0, returned 0, rejected 0
}
