// Package balancesim shows how a [balance.Policy] queues before anything runs: a simulation of producers, workers and
// the items between them, by discrete events and by seed.
//
//	r, err := balancesim.Run(balancesim.Config{Policy: MyPolicy(), Workers: 8, Load: 0.9})
//	fmt.Println(r.Sojourn, r.P99, r.Imbalance)
//
// # What is simulated
//
// Items come to producers, by default as a Poisson process. Each producer has a Balancer and a View of its own, as in
// package group: it counts what it sends, and looks at the workers as often as [Config] says. Each worker serves one
// item at a time, in the order in which they came to it; View.Depth is what waits there and what is in service. What
// the policy refuses with Full, or a full lane refuses, the producer holds, in order, and picks for again when a worker
// is done with an item: with a policy that limits depths that is the central queue. Holding keeps the order of keys, so
// one refused key holds up the others of its producer.
//
// Nothing takes time but the service: no hand-over, no decision, no turn of a loop. Workers do not come and go.
//
// # How far to trust it
//
// [Anchors] are cases that the theory of queues has closed forms for; the tests of this package hold the simulation
// against them. Mean times come with an interval, by the method of batch means or from independent runs. Close to full
// load a queue remembers for long (a time that grows as 1/(1-load)^2): then batches depend on each other, and intervals
// are too narrow unless Items grows as well.
//
// [Rank] compares policies under several kinds of traffic and prints the result as a table.
//
// Several goroutines may simulate at the same time, if what draws for them (Dist, Keys) keeps no state. A run is one
// goroutine's. It takes about 100 ns per item, and memory for the items that wait, which are at most Items and WarmUp
// together.
package balancesim
