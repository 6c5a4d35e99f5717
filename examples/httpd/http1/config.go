package http1

import (
	"fmt"
	"log/slog"
	"time"
)

// Defaults of the fields of [Config].
const (
	DefaultMaxHeader     = 8 << 10
	DefaultMaxFields     = 100
	DefaultMaxBody       = 1 << 20
	DefaultOutBuffer     = 16 << 10
	DefaultPipe          = 32 << 10
	DefaultKeep          = 256
	DefaultHeaderTimeout = 10 * time.Second
	DefaultBodyTimeout   = 5 * time.Minute
	DefaultWriteTimeout  = 30 * time.Second
	DefaultLinger        = 500 * time.Millisecond
)

// Config says how a Server is built. The zero value works.
type Config struct {
	// Name is the value of the Server field of answers. Default "pushcore".
	Name string

	// MaxHeader is how long a request line and the header together may be, in bytes; the
	// ReadBuffer of the Reactor must not be smaller. The answer to more is 414 or 431.
	MaxHeader int
	// MaxFields is how many fields a header may have (431).
	MaxFields int
	// MaxBody is how long the body of a request may be, in bytes (413).
	MaxBody int64
	// OutBuffer is the size of the buffer in which answers are gathered, in bytes. What is
	// longer goes out in several writes.
	OutBuffer int
	// Pipe is the size of each of the two pipes, in bytes, that carry bodies between a loop
	// and an http.Handler on a goroutine.
	Pipe int
	// Keep is how many sets of buffers that nobody needs are kept for the next request.
	Keep int

	// HeaderTimeout is how long a header may take from its first byte on, BodyTimeout how
	// long a body may take (408), WriteTimeout how long the client may take for one buffer
	// of an answer before the connection is closed. How long a connection may be silent is
	// the IdleTimeout of its netio.ListenConfig.
	HeaderTimeout, BodyTimeout, WriteTimeout time.Duration
	// Linger is how long the server goes on reading, and forgetting, what the client sends
	// after an error: closed at once, the connection would be reset, and the answer lost.
	Linger time.Duration

	// Logger receives panics of http.Handlers. Default slog.Default().
	Logger *slog.Logger
}

// maxBound is the largest value that any number of a Config may have, but for MaxBody, and
// maxBody the largest of that.
const (
	maxBound = 1 << 20
	maxBody  = 1 << 50
)

func (c Config) withDefaults() (Config, error) {
	if c.Name == "" {
		c.Name = "pushcore"
	}
	for i := range len(c.Name) {
		if class[c.Name[i]]&inValue == 0 {
			return c, fmt.Errorf("http1: Config.Name is %q: it must not have control characters", c.Name)
		}
	}
	for _, f := range []struct {
		name       string
		value      *int
		def, least int
	}{
		{"MaxHeader", &c.MaxHeader, DefaultMaxHeader, 512},
		{"MaxFields", &c.MaxFields, DefaultMaxFields, 1},
		{"OutBuffer", &c.OutBuffer, DefaultOutBuffer, 512},
		{"Pipe", &c.Pipe, DefaultPipe, 512},
		{"Keep", &c.Keep, DefaultKeep, 1},
	} {
		if *f.value == 0 {
			*f.value = f.def
		}
		if *f.value < f.least || *f.value > maxBound {
			return c, fmt.Errorf("http1: Config.%s is %d: it must be from %d to %d, or 0 for the default of %d", f.name, *f.value, f.least, maxBound, f.def)
		}
	}
	if c.MaxBody == 0 {
		c.MaxBody = DefaultMaxBody
	}
	if c.MaxBody < 1 || c.MaxBody > maxBody {
		return c, fmt.Errorf("http1: Config.MaxBody is %d: it must be from 1 to %d, or 0 for the default of %d", c.MaxBody, int64(maxBody), DefaultMaxBody)
	}
	for _, f := range []struct {
		name  string
		value *time.Duration
		def   time.Duration
	}{
		{"HeaderTimeout", &c.HeaderTimeout, DefaultHeaderTimeout},
		{"BodyTimeout", &c.BodyTimeout, DefaultBodyTimeout},
		{"WriteTimeout", &c.WriteTimeout, DefaultWriteTimeout},
		{"Linger", &c.Linger, DefaultLinger},
	} {
		if *f.value == 0 {
			*f.value = f.def
		}
		if *f.value < 0 {
			return c, fmt.Errorf("http1: Config.%s is %v: it must be positive, or 0 for the default of %v", f.name, *f.value, f.def)
		}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c, nil
}
