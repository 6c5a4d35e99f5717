//go:build linux && !portable

package place

import (
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
)

func quota() (float64, bool) { return readQuota(os.DirFS("/")) }

// readQuota is [Quota] below a root directory, which tests make up.
func readQuota(root fs.FS) (cpus float64, limited bool) {
	for _, h := range hierarchies(root) {
		// From the process's own group up to the mount point: each may set a limit for all below it.
		for dir := path.Join(h.mount, h.group); ; dir = path.Dir(dir) {
			if c, ok := h.limit(root, dir); ok && (!limited || c < cpus) {
				cpus, limited = c, true
			}
			if dir == h.mount || dir == "." || dir == "/" {
				break
			}
		}
	}
	return cpus, limited
}

// limitV2 reads "150000 100000", or "max 100000" for no limit. The root group has no such file.
func limitV2(root fs.FS, dir string) (float64, bool) {
	quota, period, _ := strings.Cut(readText(root, dir+"/cpu.max"), " ")
	return ratio(quota, period)
}

// limitV1 reads the same from two files, with a quota of -1 for no limit.
func limitV1(root fs.FS, dir string) (float64, bool) {
	return ratio(readText(root, dir+"/cpu.cfs_quota_us"), readText(root, dir+"/cpu.cfs_period_us"))
}

// ratio divides two figures in microseconds. What is not a positive number is no limit.
func ratio(quota, period string) (float64, bool) {
	q, err := strconv.ParseInt(quota, 10, 64)
	if err != nil || q <= 0 {
		return 0, false
	}
	p, err := strconv.ParseInt(period, 10, 64)
	if err != nil || p <= 0 {
		return 0, false
	}
	return float64(q) / float64(p), true
}
