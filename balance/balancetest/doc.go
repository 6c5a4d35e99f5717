// Package balancetest checks that a [balance.Policy] keeps the contract of package balance. One line in a test does it:
//
//	func TestMyPolicy(t *testing.T) { balancetest.Run(t, MyPolicy()) }
//
// Each rule of the contract is a subtest; what fails says what happened and which rule that broke. The checks play one
// producer of a group each: they own a View, count picks in it as a group does, let workers take items, open and close
// workers. They are deterministic: the same policy meets the same calls each time. Run them with -race as well, which
// sees balancers that share memory without saying so through their picks.
//
// The checks find, among others, balancers that pick what does not exist or is closed, share state, ignore the key or
// are not steady about it, say Ordered or Sticky and are not, read more of the View than they say, allocate, or hang.
//
// Policies whose balancers share state on purpose, as those of [balance.Shared] do, are for [RunShared]: there a
// producer has a group of its own where the others play one, and two checks play several producers of one group.
//
// A policy may be sound and still break a rule that most policies should keep, for instance by drawing random numbers.
// [Options] has a field for each such case.
package balancetest
