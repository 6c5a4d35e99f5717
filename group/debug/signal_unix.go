//go:build unix

package debug

import (
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// DumpOnSignal writes a Dump to w each time that the process gets SIGUSR1, until stop is called, which returns when
// nothing more will be written. It panics if a source is nil. On systems that have no such signal it does
// nothing else.
func DumpOnSignal(w io.Writer, sources ...Source) (stop func()) {
	must(sources)
	signals, done, ended := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	signal.Notify(signals, syscall.SIGUSR1)
	go func() {
		defer close(ended)
		for {
			select {
			case <-signals:
				_ = Dump(w, sources...) // there is nobody to tell
			case <-done:
				return
			}
		}
	}()
	var once sync.Once
	return func() {
		once.Do(func() {
			signal.Stop(signals)
			close(done)
		})
		<-ended
	}
}
