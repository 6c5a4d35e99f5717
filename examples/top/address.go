package main

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// defaultAddress is where a program is looked for that is not named.
const defaultAddress = "http://127.0.0.1:6060"

// statsURL makes the address of a report of what the user has written: host:port, an address with or without a path,
// or all of it.
func statsURL(s string) (string, error) {
	wrong := func(why string) error {
		return fmt.Errorf("%q is no address: %s; it is HOST:PORT or a URL, "+
			"such as 127.0.0.1:6060 or http://10.0.0.1:6060/debug", s, why)
	}
	full := s
	if !strings.Contains(s, "://") {
		full = "http://" + s
		if strings.HasPrefix(s, ":") {
			full = "http://127.0.0.1" + s
		}
	}
	u, err := url.Parse(full)
	switch {
	case err != nil:
		return "", wrong("it cannot be read")
	case u.Scheme != "http" && u.Scheme != "https":
		return "", wrong("it begins with " + u.Scheme + "://")
	case u.Hostname() == "":
		return "", wrong("it names no host")
	case full != s && u.Port() == "":
		return "", wrong("it names no port")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return "", wrong("the port must be from 1 to 65535")
		}
	} else if _, _, err := net.SplitHostPort(u.Host); err == nil {
		return "", wrong("the port is empty")
	}
	u.Fragment = ""
	if !strings.HasSuffix(u.Path, "/stats.json") {
		u.Path, u.RawPath = strings.TrimSuffix(u.Path, "/")+"/stats.json", ""
	}
	return u.String(), nil
}
