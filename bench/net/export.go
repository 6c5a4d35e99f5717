package main

import (
	"runtime"

	"github.com/pushcore/pushcore/bench/internal/cargo"
	"github.com/pushcore/pushcore/bench/internal/machine"
)

// The types below are what -json prints.
type exported struct {
	CPU       string        `json:"cpu"`
	Kernel    string        `json:"kernel"`
	Go        string        `json:"go"`
	Tokio     string        `json:"tokio"`
	ClientCPU int           `json:"client_cpu"`
	ServerCPU int           `json:"server_cpu"`
	Rows      []exportedRow `json:"rows"`
}

type exportedRow struct {
	Name    string           `json:"name"`
	Does    string           `json:"does"`
	Servers []exportedServer `json:"servers"`
	Targets []exportedTarget `json:"targets"`
}

type exportedServer struct {
	Name    string               `json:"name"`
	Command string               `json:"command,omitempty"`
	Skipped string               `json:"skipped,omitempty"`
	Rounds  []map[string]float64 `json:"rounds"` // by unit; "items" is what was done
}

type exportedTarget struct {
	Ours    string  `json:"ours"`
	Peer    string  `json:"peer,omitempty"` // none: the figure itself
	Unit    string  `json:"unit"`
	AtLeast bool    `json:"at_least"`
	Limit   float64 `json:"limit"`
	Q1      float64 `json:"q1"`
	Median  float64 `json:"median"`
	Q3      float64 `json:"q3"`
	Verdict string  `json:"verdict"`
}

func export(s *session, all []measured) exported {
	e := exported{CPU: machine.CPU(), Kernel: machine.Kernel(), Go: runtime.Version(), Tokio: cargo.TokioVersion(),
		ClientCPU: s.cpus[0], ServerCPU: s.cpus[1], Rows: []exportedRow{}}
	for _, m := range all {
		r := exportedRow{Name: m.name, Does: m.does, Servers: []exportedServer{}, Targets: []exportedTarget{}}
		for _, one := range m.series {
			sv := exportedServer{Name: one.label(), Command: one.describe(), Rounds: []map[string]float64{}}
			if one.skipped != nil {
				sv.Skipped = one.skipped.Error()
			}
			for _, got := range one.samples {
				round := map[string]float64{"items": got.items}
				for _, x := range got.metrics {
					round[x.unit] = x.value
				}
				sv.Rounds = append(sv.Rounds, round)
			}
			r.Servers = append(r.Servers, sv)
		}
		for _, t := range m.results {
			q := t.quartiles
			r.Targets = append(r.Targets, exportedTarget{t.oursLabel, t.peerLabel, t.unit, t.atLeast, t.limit, q[0], q[1], q[2], t.verdict})
		}
		e.Rows = append(e.Rows, r)
	}
	return e
}
