//go:build !race && !execcheck

package exec

// poolCheck keeps no record of objects in this build.
type poolCheck[T any] struct{}

func (poolCheck[T]) made(pool string, v *T)                    {}
func (poolCheck[T]) taken(pool string, v *T)                   {}
func (poolCheck[T]) freed(pool string, v *T)                   {}
func (poolCheck[T]) reset(pool string, v *T, reset func(v *T)) { reset(v) }
func (poolCheck[T]) forget(v *T)                               {}
