//go:build linux && !portable

package place

// The parts that read the system, for tests that make the system up.
var (
	ReadTopology = readTopology
	ReadQuota    = readQuota
	AskProcessor = askProcessor
	OnOwnThread  = onOwnThread
	OwnMask      = ownMask
	AllowedTo    = allowedTo
	Describe     = describe
)

// PinOn pins with a kernel that the test makes up.
func PinOn(s Set, allowed func() (Set, error), set func(Set) error, mask func() (Set, error)) (Set, error) {
	return kernel{allowed, set, mask}.pin(s)
}
