//go:build (amd64 || arm64) && gc && !portable

package mem

// Pause tells the core that this is a polling loop: PAUSE on amd64 (about
// 26 ns on Zen 4 and later, 45 ns on Intel since Skylake), YIELD on arm64.
//
//go:noescape
func Pause()

// Fence orders every earlier load and store of the calling thread before every
// later one, as all cores see them.
//
//go:noescape
func Fence()

// counter reads the cycle counter: TSC on amd64, the generic timer on arm64.
//
//go:noescape
func counter() int64

const hasCounter = true
