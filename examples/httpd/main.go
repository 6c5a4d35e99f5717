// Command httpd is an HTTP/1.1 server on Execs: two fixed answers for load generators, and the
// files of a directory. See README.md, and package http1 for the server itself.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/pushcore/pushcore/exec/place"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program. It returns the exit code.
func run(args []string, out, errs io.Writer) int {
	allowed, err := place.Allowed()
	if err != nil {
		fmt.Fprintln(errs, "httpd:", err)
		return 1
	}
	o, err := parse(args, len(allowed))
	var wrong usageError
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, usage)
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(errs, "httpd: %v\nRun 'httpd -h' for the flags.\n", err)
		return 2
	}
	if err := serve(o, out, errs); err != nil {
		fmt.Fprintln(errs, "httpd:", err)
		return 1
	}
	return 0
}
