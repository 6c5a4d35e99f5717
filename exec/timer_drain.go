package exec

import "math"

// takeAll empties the wheel and returns the tasks of its timers, the first to fire
// first. Waits that are no tasks end without a word.
func (q *timers) takeAll() (tasks []Task) {
	q.turn++
	for {
		moves := math.MaxInt
		n := q.due(math.MaxUint64, &moves)
		if n == nil {
			return tasks
		}
		q.remove(n)
		if n, ok := n.owner.(*taskTimer); ok {
			tasks = append(tasks, n.task)
			q.give(n)
		}
	}
}
