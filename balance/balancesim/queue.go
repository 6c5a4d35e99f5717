package balancesim

// item is one unit of work on its way.
type item struct {
	at       float64 // when it came
	work     float64 // how long it takes at speed 1
	start    float64 // when its service began
	key      uint64
	seq      int64 // number of the arrival
	slot     int32 // its producer's and key's place in the check for order
	ordinal  uint32
	producer int32
	next     int32 // in its queue, or in the list of free items
}

// none is no item.
const none = -1

// slab is the memory of all items: those that are gone are used again.
type slab struct {
	items []item
	free  int32
}

func (s *slab) get() int32 {
	if i := s.free; i != none {
		s.free = s.items[i].next
		return i
	}
	s.items = append(s.items, item{})
	return int32(len(s.items) - 1)
}

func (s *slab) put(i int32) {
	s.items[i].next = s.free
	s.free = i
}

// queue is a FIFO of items in a slab.
type queue struct {
	head, tail int32
	len        int
}

func (q *queue) push(s *slab, i int32) {
	s.items[i].next = none
	if q.len == 0 {
		q.head = i
	} else {
		s.items[q.tail].next = i
	}
	q.tail = i
	q.len++
}

func (q *queue) pop(s *slab) int32 {
	i := q.head
	q.head = s.items[i].next
	q.len--
	return i
}

// unpop puts back what was popped last.
func (q *queue) unpop(s *slab, i int32) {
	if q.len == 0 {
		q.tail = i
	} else {
		s.items[i].next = q.head
	}
	q.head = i
	q.len++
}
