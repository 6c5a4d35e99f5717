//go:build !linux

package pipelines

import "runtime"

// yieldCPU lets others run. Threads are not pinned here.
func yieldCPU() { runtime.Gosched() }
