package machine

import (
	"cmp"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// setting returns how this program was built, or "".
func setting(key string) string {
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, s := range build.Settings {
			if s.Key == key {
				return s.Value
			}
		}
	}
	return ""
}

// revision names the commit that was built; "go run" and tests do not know it, and so git is asked.
func revision() string {
	if at := setting("vcs.revision"); at != "" {
		if setting("vcs.modified") == "true" {
			at += ", modified"
		}
		return at
	}
	out, err := exec.Command("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*").Output()
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(out))
}

// goVersion is that of the compiler, with what changes its code.
func goVersion() string {
	text := runtime.Version()
	for _, key := range []string{"GOAMD64", "GOARM64", "GO386", "GOEXPERIMENT", "-gcflags", "-race"} {
		if v := setting(key); v != "" {
			text += " " + strings.TrimPrefix(key, "-") + "=" + v
		}
	}
	return text
}

// compilers returns the first line of what each says of itself.
func compilers() string {
	var all []string
	for _, name := range []string{"gcc", "rustc"} {
		out, err := exec.Command(name, "--version").Output()
		first, _, _ := strings.Cut(string(out), "\n")
		if err != nil {
			first = "no " + name
		}
		all = append(all, first)
	}
	return strings.Join(all, "; ")
}

// goPeers are the modules that rows of this program call. Those of servers are in programs of their own: go.mod has
// their versions.
var goPeers = []string{
	"github.com/Workiva/go-datastructures", "github.com/alitto/pond/v2", "github.com/panjf2000/ants/v2",
	"github.com/puzpuzpuz/xsync/v4", "golang.org/x/sync",
}

// peers returns the versions of those that are in this program.
func peers() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return unknown
	}
	var all []string
	for _, m := range build.Deps {
		if slices.Contains(goPeers, m.Path) {
			all = append(all, m.Path+" "+m.Version)
		}
	}
	return cmp.Or(strings.Join(all, ", "), "none")
}

// cPeers returns the versions of the libraries in C that peers are built with.
func cPeers() string {
	var all []string
	for _, name := range []string{"libdpdk", "ck"} {
		version := "none"
		if out, err := exec.Command("pkg-config", "--modversion", name).Output(); err == nil {
			version = strings.TrimSpace(string(out))
		}
		all = append(all, name+" "+version)
	}
	return strings.Join(all, ", ")
}
