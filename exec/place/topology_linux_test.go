//go:build linux && !portable

package place_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec/place"
)

const cpuDir = "devices/system/cpu/"

// sysfs is a made-up /sys: file name to contents.
type sysfs map[string]string

func (s sysfs) fs() fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range s {
		m[name] = &fstest.MapFile{Data: []byte(text + "\n")}
	}
	return m
}

// cpu adds what the kernel says of one cpu; empty lists are left out.
func (s sysfs) cpu(id, pkg, core int, smt, l2, l3 string) sysfs {
	dir := fmt.Sprintf("%scpu%d/", cpuDir, id)
	s[dir+"topology/physical_package_id"] = fmt.Sprint(pkg)
	s[dir+"topology/core_id"] = fmt.Sprint(core)
	for name, list := range map[string]string{
		"topology/thread_siblings_list":  smt,
		"cache/index0/shared_cpu_list":   smt,
		"cache/index1/shared_cpu_list":   smt,
		"cache/index2/shared_cpu_list":   l2,
		"cache/index3/shared_cpu_list":   l3,
		"cache/index3/level":             only(l3, "3"),
		"cache/index2/level":             only(l2, "2"),
		"cache/index1/level":             "1",
		"cache/index1/type":              "Instruction",
		"cache/index0/level":             "1",
		"cache/index0/type":              "Data",
		"topology/core_cpus_list":        smt,
		"topology/package_cpus_list":     "garbage",
		"topology/physical_package_list": "",
	} {
		if list != "" {
			s[dir+name] = list
		}
	}
	return s
}

func only(list, text string) string {
	if list == "" {
		return ""
	}
	return text
}

// silent is a processor that says nothing.
func silent(place.Set) []place.CPU { return nil }

// twoSockets has two cores of two threads in each of two sockets, siblings four apart; core_id repeats.
func twoSockets() sysfs {
	s := sysfs{cpuDir + "online": "0-7", "devices/system/node/node0/cpulist": "0-1,4-5", "devices/system/node/node1/cpulist": "2-3,6-7",
		"devices/system/node/node2/cpulist": "", "devices/system/node/has_cpu": "0-1"} // node2 is memory only
	for id := range 8 {
		pkg := id % 4 / 2
		smt := place.Of(id%4, id%4+4).String()
		s.cpu(id, pkg, id%2, smt, smt, []string{"0-1,4-5", "2-3,6-7"}[pkg])
	}
	return s
}

func TestTopologyTwoSockets(t *testing.T) {
	cpus := place.ReadTopology(twoSockets().fs(), place.Of(0, 1, 2, 3, 4, 5, 6, 7), silent)
	require.Len(t, cpus, 8)
	require.Equal(t, place.CPU{ID: 6, Node: 1, Package: 1, Core: 2, SMT: place.Of(2, 6), L2: place.Of(2, 6), L3: place.Of(2, 3, 6, 7)}, cpus[6])
	require.Equal(t, place.CPU{ID: 1, Core: 1, SMT: place.Of(1, 5), L2: place.Of(1, 5), L3: place.Of(0, 1, 4, 5)}, cpus[1])

	got, err := place.ChooseOn(2, place.Of(0, 1, 2, 3, 4, 5, 6, 7), cpus)
	require.NoError(t, err)
	require.Equal(t, []int{2, 3}, got, "two cores, one socket, not cpu 0's")
}

// Where the lists of siblings are missing, the pair of package and core number tells.
func TestTopologyCoreNumbers(t *testing.T) {
	s := twoSockets()
	for id := range 8 {
		dir := fmt.Sprintf("%scpu%d/topology/", cpuDir, id)
		delete(s, dir+"thread_siblings_list")
		delete(s, dir+"core_cpus_list")
	}
	cpus := place.ReadTopology(s.fs(), place.Of(0), silent)
	require.Equal(t, place.Of(2, 6), cpus[6].SMT)
	require.Equal(t, place.Of(0, 4), cpus[0].SMT)
	require.Equal(t, cpus[2].Core, cpus[6].Core)
	require.NotEqual(t, cpus[0].Core, cpus[2].Core, "core_id repeats in the second package")
}

func TestTopologyOneCPU(t *testing.T) {
	s := sysfs{cpuDir + "online": "0"}.cpu(0, 0, 0, "0", "0", "0")
	one := place.Of(0)
	require.Equal(t, []place.CPU{{ID: 0, SMT: one, L2: one, L3: one}}, place.ReadTopology(s.fs(), one, silent))
}

func TestTopologyNoThirdCache(t *testing.T) {
	s := sysfs{cpuDir + "online": "0-1"}.cpu(0, 0, 0, "0", "0-1", "").cpu(1, 0, 1, "1", "0-1", "")
	cpus := place.ReadTopology(s.fs(), place.Of(0, 1), silent)
	require.Equal(t, place.Of(0, 1), cpus[0].L2)
	require.Equal(t, place.Of(0, 1), cpus[0].L3)
	require.NotEqual(t, cpus[0].Core, cpus[1].Core)
}

// Offline cpus keep a directory without topology, and leave holes.
func TestTopologyOfflineAndHoles(t *testing.T) {
	s := sysfs{cpuDir + "online": "1,4", cpuDir + "offline": "0,2-3", cpuDir + "cpu0/online": "0"}.
		cpu(1, 0, 1, "1", "1", "1,4").cpu(4, 0, 0, "4", "4", "1,4")
	cpus := place.ReadTopology(s.fs(), place.Of(4), silent)
	require.Len(t, cpus, 2)
	require.Equal(t, 1, cpus[0].ID)
	require.Equal(t, 4, cpus[1].ID)
	require.Equal(t, 1, cpus[1].Core, "cores are counted over the machine, without holes")
	got, err := place.ChooseOn(1, place.Of(4), cpus)
	require.NoError(t, err)
	require.Equal(t, []int{4}, got)
}

// In a container /sys may show other cpus as online than those that the mask allows.
func TestTopologyOnlineIsVirtual(t *testing.T) {
	s := sysfs{cpuDir + "online": "0-1"}.cpu(6, 0, 6, "6-7", "6-7", "0-7").cpu(7, 0, 6, "6-7", "6-7", "0-7")
	cpus := place.ReadTopology(s.fs(), place.Of(6, 7), silent)
	require.Len(t, cpus, 4)
	require.Equal(t, place.Of(6, 7), cpus[2].SMT)
	require.Equal(t, place.Of(0), cpus[0].SMT)
}

func TestTopologyNothing(t *testing.T) {
	asked := place.Set(nil)
	cpus := place.ReadTopology(sysfs{}.fs(), place.Of(2, 5), func(s place.Set) []place.CPU { asked = s; return nil })
	require.Equal(t, place.Of(2, 5), asked, "the processor is asked about the allowed cpus")
	require.Equal(t, place.Flat(place.Of(2, 5)), cpus)
}

func TestTopologyGarbage(t *testing.T) {
	s := sysfs{cpuDir + "online": "zero to seven", "devices/system/node/node0/cpulist": "?", "devices/system/node/node0x/cpulist": "2"}.
		cpu(2, -1, -1, "7", "", "").cpu(5, -1, -1, "5-", "9", "nine")
	require.Equal(t, place.Flat(place.Of(2, 5)), place.ReadTopology(s.fs(), place.Of(2, 5), silent))
}

// What /sys lacks comes from the processor, what it has does not.
func TestTopologyMerge(t *testing.T) {
	s := sysfs{cpuDir + "online": "0-3"}.
		cpu(0, 0, 0, "0", "0", "0-1").cpu(1, 0, 1, "1", "1", "0-1")
	cpus := place.ReadTopology(s.fs(), place.Of(0, 1, 2, 3), func(place.Set) []place.CPU {
		all, pair := place.Of(0, 1, 2, 3), place.Of(2, 3)
		return []place.CPU{
			{ID: 0, Package: 1, SMT: place.Of(0, 1), L2: all, L3: all},
			{ID: 2, Package: 1, SMT: pair, L2: pair, L3: all},
			{ID: 3, Package: 1, SMT: pair, L2: pair, L3: all},
		}
	})
	require.Equal(t, place.CPU{ID: 0, SMT: place.Of(0), L2: place.Of(0), L3: place.Of(0, 1)}, cpus[0])
	require.Equal(t, place.CPU{ID: 3, Package: 1, Core: 2, SMT: place.Of(2, 3), L2: place.Of(2, 3), L3: place.Of(0, 1, 2, 3)}, cpus[3])
}
