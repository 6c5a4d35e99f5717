// Package queue says what a queue between threads is asked to do, so that each implementation, in whatever language,
// does the same work by the same rules:
//
//   - it holds measure.Capacity elements;
//   - producers and the consumer run on threads of their own, pinned to the spot's two cpus (producers: the first,
//     beginning there and taking turns over both when there are more), or, with OneCore, as one thread that pushes a
//     batch and pops it again;
//   - the first eight bytes of an element are a number: 0, 1, 2 and so on per producer, with the producer's index in
//     the upper 16 bits where there are several; the rest of the element repeats its complement; the consumer looks
//     at every element, and what is lost, doubled, changed, or out of a producer's order is an error; with Bare,
//     producer and consumer know of the first and the last element of each batch only;
//   - whoever finds the queue full, or not full enough, pauses before the next look as measure.Poll does, and with
//     several producers, whose threads share cpus, gives the processor away as Spot.Poll says;
//   - the time is that from the common start to the end of the consumer;
//   - with a Load, elements are due at even distances, in turn with several producers, at that share of the pace that
//     the same loops keep when everything is due at once; what is due is sent at once, by Batch at most, and an age is
//     from when an element was due until the pop that has brought it is over; a consumer that shares its cpu with
//     nobody pauses once between looks.
package queue

import "fmt"

// Shape is one kind of work.
type Shape struct {
	Producers int  // 1 to 4; a queue for one is asked with 1 only
	Batch     int  // elements per call of push and pop, published together
	Staged    bool // pushed one at a time, published every Batch
	Size      int  // of an element, in bytes: 8, 16, 64
	Pointers  bool // elements are pointers to what Size says
	OneCore   bool // one thread does both
	Bare      bool // only the ends of a batch are made and looked at, of words on one core: the queue's instructions alone
	Load      int  // in percent of what the queue takes: ages are measured; 0: how much it takes is
}

// Drain is how much the consumer takes at once: what the producer sends at a time, but at least 64, as one that finds
// several takes them.
func (s Shape) Drain() int { return max(s.Batch, 64) }

// String names the shape as rows do: "batch=8/size=8".
func (s Shape) String() string {
	name := fmt.Sprintf("batch=%d", s.Batch)
	if s.Staged {
		name = fmt.Sprintf("staged=%d", s.Batch)
	}
	if s.Pointers {
		name += "/pointers"
	} else if s.Size != 8 {
		name += fmt.Sprintf("/size=%d", s.Size)
	}
	if s.OneCore {
		name += "/onecore"
	}
	if s.Bare {
		name += "/bare"
	}
	if s.Producers > 1 {
		name += fmt.Sprintf("/producers=%d", s.Producers)
	}
	return name
}
