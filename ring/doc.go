// Package ring moves values between goroutines through bounded, lock-free
// rings: [SPSC] for one producer and one consumer, [MPSC] for many producers and
// one consumer.
//
// Both hold exactly the capacity that they were made with, allocate nothing
// after New, never block and never spin on another producer. Full and empty are
// answers (a bool, a count), not errors. What was accepted is taken: Close
// tells every producer, item by item, on which side of it its push fell, and
// leaves what was accepted to the consumer.
//
// # Ends
//
// An end has one owner. The methods of a ring are grouped by the end they
// belong to, and a method may be called only by the goroutine that owns that end
// at that time (an end may be handed on, with the usual synchronisation). Len,
// Free, Cap, Ready, Close and Closed may be called by anyone. Any other usage is
// invalid.
//
// # Batches
//
// The cost of a ring is the cost of moving cache lines between cores. Pushing
// and popping in batches moves the index lines once per batch instead of once
// per item; it is the one thing to do for speed. PushBatch is a burst (as many
// as fit), PushAll is bulk (all or nothing). Stage and Flush make batches out of
// items that come one at a time. Reserve and Peek lend the slots themselves.
//
// # Pointers
//
// If T holds pointers, popped slots are cleared so that the garbage collector
// can free what they pointed to. If T holds none, slots are left as they are,
// and the collector never looks at the ring: prefer handles and indices.
//
// # Memory ordering
//
// A producer writes slots, then publishes an index with a release store; the
// consumer loads the index, then reads the slots. The consumer gives slots back
// in the same way. After a push has returned, a later load by the same goroutine
// is ordered behind the publication for whoever calls membarrier between its own
// store and load; that is what lets a consumer sleep without being overslept.
// See docs/memory-model.md.
package ring
