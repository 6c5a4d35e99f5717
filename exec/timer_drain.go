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
		switch n := n.owner.(type) {
		case *taskTimer:
			tasks = append(tasks, n.task)
			q.give(n)
		case *delayed:
			tasks = append(tasks, n.task)
			q.delayed--
		}
	}
}

// unsent gives back, in the place of messages that did not arrive, the tasks that
// were to be timers.
func unsent(tasks []Task) []Task {
	for i, t := range tasks {
		if m, ok := t.(*delayed); ok {
			tasks[i] = m.task
		}
	}
	return tasks
}
