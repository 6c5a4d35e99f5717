//go:build linux && !portable

package place_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec/place"
)

const (
	mountV2 = "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
	mountV1 = "32 23 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n" +
		"33 23 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
)

func TestReadQuota(t *testing.T) {
	const self, mounts = "proc/self/cgroup", "proc/self/mountinfo"
	for _, tc := range []struct {
		name string
		root sysfs
		want float64 // 0: unlimited
	}{
		{"no cgroups", sysfs{}, 0},
		{"v2", sysfs{self: "0::/a", mounts: mountV2, "sys/fs/cgroup/a/cpu.max": "150000 100000"}, 1.5},
		{"v2 max", sysfs{self: "0::/a", mounts: mountV2, "sys/fs/cgroup/a/cpu.max": "max 100000"}, 0},
		{"v2 root group", sysfs{self: "0::/", mounts: mountV2}, 0},
		{"v2 parent is smaller", sysfs{self: "0::/a/b/c", mounts: mountV2, "sys/fs/cgroup/a/cpu.max": "50000 100000",
			"sys/fs/cgroup/a/b/cpu.max": "max 100000", "sys/fs/cgroup/a/b/c/cpu.max": "200000 100000"}, 0.5},
		{"v2 parent is larger", sysfs{self: "0::/a/b", mounts: mountV2, "sys/fs/cgroup/a/cpu.max": "400000 100000",
			"sys/fs/cgroup/a/b/cpu.max": "200000 100000"}, 2},
		{"v2 not another's", sysfs{self: "0::/a", mounts: mountV2, "sys/fs/cgroup/b/cpu.max": "50000 100000"}, 0},
		{"v2 own namespace", sysfs{self: "0::/", mounts: mountV2, "sys/fs/cgroup/cpu.max": "25000 100000"}, 0.25},
		{"v2 host's namespace", sysfs{self: "0::/docker/1f/x", "sys/fs/cgroup/x/cpu.max": "50000 100000",
			mounts: "31 23 0:28 /docker/1f /sys/fs/cgroup ro - cgroup2 cgroup ro\n"}, 0.5},
		{"v2 mount of another group", sysfs{self: "0::/docker/1f0", "sys/fs/cgroup/cpu.max": "50000 100000",
			mounts: "31 23 0:28 /docker/1f /sys/fs/cgroup ro - cgroup2 cgroup ro\n"}, 0.5},
		{"v2 outside the namespace", sysfs{self: "0::/../a", mounts: mountV2, "sys/fs/cgroup/a/cpu.max": "50000 100000"}, 0},
		{"v2 mounted with a blank", sysfs{self: "0::/a", "my cgroups/a/cpu.max": "50000 100000",
			mounts: `31 23 0:28 / /my\040cgroups rw - cgroup2 cgroup rw` + "\n"}, 0.5},
		{"v1", sysfs{self: "4:cpu,cpuacct:/a\n3:cpuset:/z\n0::/", mounts: mountV2 + mountV1,
			"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "300000", "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "200000"}, 1.5},
		{"v1 unlimited", sysfs{self: "1:cpu:/", mounts: mountV1,
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, 0},
		{"v1 parent", sysfs{self: "1:cpu:/a/b", mounts: mountV1,
			"sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us": "-1", "sys/fs/cgroup/cpu/a/b/cpu.cfs_period_us": "100000",
			"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "75000", "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000"}, 0.75},
		{"both versions", sysfs{self: "1:cpu:/a\n0::/a", mounts: mountV2 + mountV1, "sys/fs/cgroup/a/cpu.max": "50000 100000",
			"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "75000", "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000"}, 0.5},
		{"garbage", sysfs{self: "0:\n:::\nx\n0::/a", mounts: "x\n - \n1 2 3 - cgroup2 x y\n" + mountV2,
			"sys/fs/cgroup/a/cpu.max": "many 0", "sys/fs/cgroup/cpu.max": "100 0"}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cpus, limited := place.ReadQuota(tc.root.fs())
			require.Equal(t, tc.want, cpus)
			require.Equal(t, tc.want != 0, limited)
		})
	}
}

func TestQuotaHere(t *testing.T) {
	cpus, limited := place.Quota()
	require.Equal(t, limited, cpus > 0)
}
