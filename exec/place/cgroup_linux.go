//go:build linux && !portable

package place

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// A hierarchy is one mounted tree of cgroups that can limit cpu time, and the process's place in it. A machine in
// transition has both versions mounted at once; the limits may be in either.
type hierarchy struct {
	mount string // where it is mounted, relative to the root directory
	group string // the process's group below the mount
	limit func(root fs.FS, dir string) (float64, bool)
}

// hierarchies finds them the way the manual page cgroups(7) describes: /proc/self/cgroup has the process's group in
// each tree, /proc/self/mountinfo has the places where the trees are mounted.
func hierarchies(root fs.FS) []hierarchy {
	v1, v2 := groups(readText(root, "proc/self/cgroup"))
	var found []hierarchy
	for line := range strings.Lines(readText(root, "proc/self/mountinfo")) {
		m, ok := parseMount(line)
		switch {
		case !ok:
		case m.fstype == "cgroup2" && v2 != "":
			found = append(found, hierarchy{m.point, below(v2, m.root), limitV2})
		case m.fstype == "cgroup" && v1 != "" && slices.Contains(strings.Split(m.options, ","), "cpu"):
			found = append(found, hierarchy{m.point, below(v1, m.root), limitV1})
		}
	}
	return found
}

// groups reads lines such as "4:cpu,cpuacct:/docker/1f" (v1) and "0::/user.slice" (v2).
func groups(text string) (v1, v2 string) {
	for line := range strings.Lines(text) {
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		switch {
		case len(fields) < 3:
		case fields[0] == "0" && fields[1] == "":
			v2 = fields[2]
		case slices.Contains(strings.Split(fields[1], ","), "cpu"):
			v1 = fields[2]
		}
	}
	return v1, v2
}

type mount struct{ root, point, fstype, options string }

// parseMount reads a line of mountinfo: "31 23 0:28 /docker/1f /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu", where the
// fourth field is the directory of the file system that is mounted, the fifth is where, and any number of fields may
// stand before the lone dash.
func parseMount(line string) (mount, bool) {
	before, after, ok := strings.Cut(line, " - ")
	left, right := strings.Fields(before), strings.Fields(after)
	if !ok || len(left) < 5 || len(right) < 3 {
		return mount{}, false
	}
	point := path.Clean(strings.TrimPrefix(unescape(left[4]), "/"))
	return mount{unescape(left[3]), point, right[0], right[2]}, fs.ValidPath(point)
}

// unescape undoes the kernel's way of writing blanks in mountinfo.
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// below returns group relative to the directory root of the tree, which is what is mounted: in a container that is
// often the container's own group. A group that is not below root cannot be seen from here, and the mount itself is the
// nearest thing to it.
func below(group, root string) string {
	rest, ok := strings.CutPrefix(group, strings.TrimSuffix(root, "/"))
	if !ok || rest != "" && rest[0] != '/' || strings.Contains(rest, "/..") {
		return ""
	}
	return rest
}
