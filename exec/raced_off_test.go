//go:build !race

package exec_test

// raced says that the race detector watches, which costs an order of magnitude.
const raced = false
