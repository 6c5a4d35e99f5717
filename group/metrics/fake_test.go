package metrics_test

import (
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// fixed is a source that does not move.
type fixed group.Snapshot

func (f fixed) Snapshot() group.Snapshot { return group.Snapshot(f) }

// moving is a source whose counts grow with each snapshot.
type moving struct {
	mu  sync.Mutex
	now group.Snapshot
}

func (m *moving) Snapshot() group.Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now.Accepted++
	m.now.Members = append([]group.Member(nil), m.now.Members...) // what was given away is not written to
	for i := range m.now.Members {
		x := &m.now.Members[i].Exec
		x.Turns++
		x.Busy += time.Millisecond
		x.TurnTime.Counts[40]++
		x.TurnTime.Sum += time.Millisecond
	}
	return m.now
}

// filled returns a snapshot in which no field is zero and no two numbers are the same.
func filled() (g group.Snapshot) {
	next := 0
	fill(reflect.ValueOf(&g).Elem(), &next)
	g.Members = append(g.Members, g.Members[0])
	g.Members[0].ID, g.Members[1].ID = 0, 1
	for i := range g.Members {
		m := &g.Members[i]
		m.Exec.Name, m.Exec.State, m.Exec.CPUs = fmt.Sprintf("%s/%d", g.Name, m.ID), exec.StateRunning, []int{m.ID}
	}
	return g
}

// fill sets all that v has to something; slices get one element.
func fill(v reflect.Value, next *int) {
	*next++
	switch v.Kind() {
	case reflect.Struct:
		if t, ok := v.Addr().Interface().(*time.Time); ok {
			*t = time.Unix(int64(*next), 0)
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), next)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), next)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), next)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), next)
	case reflect.String:
		v.SetString(fmt.Sprint("s", *next))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(*next))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*next))
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*next))
	default:
		panic(fmt.Sprintf("fill does not know %s", v.Type()))
	}
}
