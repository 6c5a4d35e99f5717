// Package place says where threads go: it reads and writes cpu lists, asks the machine how its cpus are laid out,
// picks cpus for a number of pinned threads, and pins.
//
// What goes wrong without it, and what it does about each:
//
//   - Counting cpus with runtime.NumCPU and pinning thread i to cpu i fails, or stacks two threads on one cpu, wherever
//     a container or taskset leaves a process cpus 4-7. [Allowed] reads the mask, and [Choose] and [Pin] start from it.
//   - Cpus 0 and 1 may be one physical core. Two spinning loops there run at about half speed each. [Choose] takes
//     distinct physical cores first and their SMT siblings last.
//   - Lines that travel between sockets or cache clusters cost several times as much as within one. [Choose] stays
//     within one NUMA node and one last level cache when the threads fit.
//   - On a chip with fast and slow cores the low numbers are not always the fast ones. [Choose] prefers the fast.
//   - Cpu 0 is where the kernel does its housekeeping and where most interrupts arrive. [Choose] avoids it while it can.
//   - The kernel cuts a mask down to the cpuset without a word. [Pin] names what is impossible beforehand, and reads the
//     mask back afterwards.
//   - A spinning loop under a cgroup's cpu quota is stopped for the rest of each period. [Quota] tells.
//
// The order of the calls matters to whoever pins by hand: lock the goroutine to its thread first, then [Pin], and let
// the goroutine end while still locked, so that its thread ends too and the narrow mask goes with it. A thread pinned
// before it is locked, or unlocked while pinned, goes back to the scheduler and slows down whatever runs there next.
//
// Every function may be called from any goroutine at any time; those that speak of "the calling thread" mean anything
// only on a goroutine locked with runtime.LockOSThread. All of them belong at start-up: they read files and make
// system calls.
//
// Only Linux can pin. Elsewhere, and under the build tag "portable", [Pin] and [Current] return an error that is
// [errors.ErrUnsupported], every cpu counts as allowed, and the topology is flat: a program that treats ErrUnsupported
// as "run unpinned" works everywhere.
package place
