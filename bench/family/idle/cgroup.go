package idle

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// hierarchy is a tree of cgroups that can limit processor time.
type hierarchy struct {
	mount string // where it is mounted by custom
	self  string // this process's group in it
	file  string // that has the limit of a group
	limit func(quota, period time.Duration) string
}

// hierarchies are those that a machine may have, by what /proc/self/cgroup says: of version 2, and of version 1.
func hierarchies(selfCgroup string) (all []hierarchy) {
	for line := range strings.Lines(selfCgroup) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(f) < 3:
		case f[0] == "0" && f[1] == "":
			v2 := func(quota, period time.Duration) string {
				return fmt.Sprintf("%d %d", quota.Microseconds(), period.Microseconds())
			}
			all = append(all, hierarchy{"/sys/fs/cgroup", f[2], "cpu.max", v2})
		case strings.Contains(","+f[1]+",", ",cpu,"):
			// The period is the kernel's default.
			v1 := func(quota, _ time.Duration) string { return strconv.FormatInt(quota.Microseconds(), 10) }
			all = append(all, hierarchy{"/sys/fs/cgroup/cpu", f[2], "cpu.cfs_quota_us", v1})
		}
	}
	return all
}

// period is the kernel's default: 100 ms.
const period = 100 * time.Millisecond

// newCgroup makes a cgroup that has cpus of processor time, 0.5 for 50 ms in every 100 ms, below this process's or
// one above that. remove removes it when what has run there is gone. The error wraps measure.ErrSkip where that is
// impossible or forbidden.
func newCgroup(cpus float64) (dir string, remove func() error, err error) {
	self, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", nil, fmt.Errorf("%w: no cgroups here: %w", measure.ErrSkip, err)
	}
	refused := errors.New("nobody limits processor time")
	for _, h := range hierarchies(string(self)) {
		dir, err := h.create(fmt.Sprintf("pushcore-bench-%d", os.Getpid()), cpus)
		if err == nil {
			return dir, func() error { return removeCgroup(dir) }, nil
		}
		refused = err
	}
	return "", nil, fmt.Errorf("%w: no cgroup with a quota can be made: %w", measure.ErrSkip, refused)
}

// create makes a group of this name where it can: one that has been there before, or whose parent does not let its
// children have a limit, will not do.
func (h hierarchy) create(name string, cpus float64) (dir string, err error) {
	for group := filepath.Join("/", h.self); ; group = filepath.Dir(group) {
		dir = filepath.Join(h.mount, group, name)
		if err = os.Mkdir(dir, 0o755); err == nil {
			if err = h.setLimit(dir, cpus); err == nil {
				return dir, nil
			}
			err = errors.Join(err, os.Remove(dir))
		}
		if group == "/" {
			return "", err
		}
	}
}

// setLimit writes to the file that the kernel has put there.
func (h hierarchy) setLimit(dir string, cpus float64) error {
	f, err := os.OpenFile(filepath.Join(dir, h.file), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(h.limit(time.Duration(cpus*float64(period)), period))
	return errors.Join(err, f.Close())
}

// removeCgroup tries for a second: a process that was waited for leaves its group a little later.
func removeCgroup(dir string) (err error) {
	for range 100 {
		if err = os.Remove(dir); err == nil || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}
