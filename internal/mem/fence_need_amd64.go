//go:build amd64 && gc && !race && !portable

package mem

// A MOV stays in the store buffer while later loads are performed.
const releaseIsWeak = true
