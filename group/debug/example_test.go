package debug_test

import (
	"fmt"
	"net/http"
	"os"

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
