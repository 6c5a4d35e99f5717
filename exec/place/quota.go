package place

// Quota returns how many cpus' worth of time the process's cgroups grant it, 1.5 for 150 ms in every 100 ms, and
// whether there is such a limit at all. It is the smallest of the limits on the way up the hierarchy: cpu.max of cgroup
// v2, cpu.cfs_quota_us over cpu.cfs_period_us of v1. A limit that cannot be read counts as none, and so does every
// system but Linux; cpus is 0 then.
//
// Loops that spin use up their cpus whether there is work or not. Run as many of them as the quota, and the kernel
// stops all of the process's threads, loops and others, for the rest of each period.
func Quota() (cpus float64, limited bool) { return quota() }
