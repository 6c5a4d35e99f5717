// Package observetest is for the tests of programs that have package observe's flags.
package observetest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/pushcore/pushcore/group/debug"
)

// Output is what a program writes. It may be looked at meanwhile, by any goroutine.
type Output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

// String returns all that was written so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

var dashboard = regexp.MustCompile(`debug: (http://\S+/) shows what the Execs do\n`)

// Report waits until the program has said where its dashboard is, and returns what that shows once it is enough; in the
// end it fails the test.
func (o *Output) Report(t testing.TB, enough func(r debug.Report) bool) (r debug.Report) {
	t.Helper()
	const limit = 30 * time.Second
	for begin := time.Now(); time.Since(begin) < limit; time.Sleep(time.Millisecond) {
		m := dashboard.FindStringSubmatch(o.String())
		if m == nil {
			continue
		}
		r = debug.Report{}
		if err := get(m[1]+"stats.json", &r); err != nil {
			t.Fatal(err)
		}
		if enough(r) {
			return r
		}
	}
	t.Fatalf("no dashboard shows enough. The program wrote:\n%s\nand its dashboard shows:\n%+v", o, r)
	return r
}

func get(url string, r *debug.Report) error {
	res, err := http.Get(url)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	return json.NewDecoder(res.Body).Decode(r)
}
