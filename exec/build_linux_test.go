//go:build linux && !portable

package exec_test

// sleepsOnTheWord says that an Exec parks in futex(2), and pinned says that
// threads can be pinned in this build.
const sleepsOnTheWord, pins = true, true
