//go:build !race

package balancesim_test

const raced = false
