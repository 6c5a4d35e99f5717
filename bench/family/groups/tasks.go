package groups

import (
	"errors"

	"github.com/pushcore/pushcore/bench/family/execs"
	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

func taskRows() []measure.Row {
	return pools.WithLatency(measure.Row{
		Name: "Group/tasks",
		Does: "prepared tasks to a group of one worker, one at a time and by 32",
		Impls: measure.Join(measure.Ours("pushcore", groupTasks), measure.Ours("pushcore-by32", groupTaskBatches),
			measure.Each("go", execs.GoPrepared)),
		Wants: []measure.Want{measure.Faster("pushcore", "go", 8), measure.Faster("pushcore-by32", "go", 8)},
	}, done, func(load int) []measure.Impl {
		return measure.Join(measure.Ours("pushcore", agedTasks(load, 1)),
			measure.Ours("pushcore-by32", agedTasks(load, message.Batch)),
			pools.Tasks(execs.AgedPool(load, 1, pools.Anyone), "go"))
	})
}

// agedTasks is the run of a group of one worker to which tasks are sent when they are due, batch at most at once.
func agedTasks(load, batch int) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		return ages.Load(n, 1, load, func(due *ages.Schedule) error {
			d := execs.NewDelivery(s, due, 1)
			err := serve(one(s, 0, exec.RunTasks), 1, func(ps []*group.Producer[exec.Task]) error {
				task, some := execs.Again(d, 0), make([]exec.Task, batch)
				return d.Together(s, true, batch, func(int) (func(from, to int) error, func(), error) {
					return func(from, to int) error {
						for i := from; i < to; i++ { // SendBatch may have moved what it was given
							some[i-from] = task(i)
						}
						return sendAll(ps[0], some[:to-from])
					}, func() {}, nil
				})
			})
			return errors.Join(err, d.Err())
		})
	}
}

// tasksToGroup times send into a group of tasks.
func tasksToGroup(s measure.Spot, n int, send func(p *group.Producer[exec.Task], tasks []exec.Task) error) (
	sm measure.Sample, err error,
) {
	t := &measure.Tally{N: n}
	err = serve(one(s, 0, exec.RunTasks), 1, func(ps []*group.Producer[exec.Task]) error {
		d, err := s.On(0, func() error {
			tasks := execs.Prepare(t)
			if err := send(ps[0], tasks[:]); err != nil {
				return err
			}
			return t.Await()
		})
		sm = measure.PerOp(d, n)
		return err
	})
	return sm, err
}

// groupTasks sends prepared tasks one at a time.
func groupTasks(s measure.Spot, n int) (measure.Sample, error) {
	return tasksToGroup(s, n, func(p *group.Producer[exec.Task], tasks []exec.Task) error {
		for i := range n {
			t := tasks[i%execs.PreparedTasks]
			if err := p.Send(t); err != nil {
				if err = retry(func() error { return p.Send(t) }); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// groupTaskBatches sends them 32 at a time.
func groupTaskBatches(s measure.Spot, n int) (measure.Sample, error) {
	return tasksToGroup(s, n, func(p *group.Producer[exec.Task], tasks []exec.Task) error {
		batch := make([]exec.Task, message.Batch) // SendBatch may move what it is given
		for i := 0; i < n; i += message.Batch {
			at := i % execs.PreparedTasks
			copy(batch, tasks[at:at+message.Batch])
			if err := sendAll(p, batch); err != nil {
				return err
			}
		}
		return nil
	})
}
