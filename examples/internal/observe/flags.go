package observe

import (
	"flag"
	"fmt"
	"net"
	"strconv"
)

// Config is what the user wants.
type Config struct {
	Debug  string // address of the dashboard, host:port; "": there is none
	Flight string // directory for traces; "": none are kept
}

// Flags adds -debug and -flight to fs. A value that makes no sense is an error of Parse.
func (c *Config) Flags(fs *flag.FlagSet) {
	fs.Func("debug", "serve a dashboard at this `address`, such as :6060 (of this machine only) or 10.0.0.1:6060", c.setDebug)
	fs.Func("flight", "write a trace of what led to a stall into this `directory`", c.setFlight)
}

// setDebug reads an address. A port is enough.
func (c *Config) setDebug(s string) error {
	addr := s
	if _, err := strconv.Atoi(s); err == nil {
		addr = ":" + s
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is no address: write :6060 for this machine only, or host:port", s)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%q has the port %q: it must be a number from 0 to 65535", s, port)
	}
	c.Debug = addr
	return nil
}

func (c *Config) setFlight(s string) error {
	if s == "" {
		return fmt.Errorf("%q is no directory: write where traces are to go", s)
	}
	c.Flight = s
	return nil
}
