// Package interop has tests of pushcore with what others have written and the root module
// does not depend on.
package interop
