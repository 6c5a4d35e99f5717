// Package report is what a run of the program leaves: everything that was found, for people (a table, a page with
// charts), for programs (JSON), and for a later run to compare itself with.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/pushcore/pushcore/bench/internal/machine"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/stat"
)

// Format is the version of the JSON: a file of another one cannot be compared with.
const Format = 2

// Report is everything that a run found.
type Report struct {
	Format  int           `json:"format"`
	Began   time.Time     `json:"began"`
	Command string        `json:"command"`
	Machine machine.Facts `json:"machine"`
	Load    machine.Load  `json:"load"`
	Rounds  int           `json:"rounds"`
	Modes   []Mode        `json:"modes,omitempty"` // two, where the machine changed between two states
	Pairs   *Pairs        `json:"pairs,omitempty"`
	Slower  []Slower      `json:"slower"` // rows in which a peer is faster, worst first
	Rows    []Row         `json:"rows"`
}

// Pairs is what a cache line takes from each cpu to each other one and back.
type Pairs struct {
	CPUs   []int       `json:"cpus"`
	TripNs [][]float64 `json:"trip_ns"` // [from][to]; 0 where they are the same
}

// Mode is one of two states that the machine was in, told by the round trip of a cache line.
type Mode struct {
	Name    string  `json:"name"`
	TripNs  float64 `json:"trip_ns"`
	Samples int     `json:"samples"`
}

// Row is one line of the table.
type Row struct {
	Family string `json:"family"`
	Name   string `json:"name"`
	Does   string `json:"does,omitempty"`
	Rounds int    `json:"rounds"` // fewer than the report's where each takes long
	Impls  []Impl `json:"impls"`
	Wants  []Want `json:"wants,omitempty"`
}

// Impl is one implementation and its samples.
type Impl struct {
	Name    string    `json:"name"` // of the implementation
	Variant string    `json:"variant,omitempty"`
	Own     bool      `json:"own,omitempty"` // this project's, not a peer
	Note    string    `json:"note,omitempty"`
	Skipped string    `json:"skipped,omitempty"`
	Failed  string    `json:"failed,omitempty"` // its samples are worth nothing then, and are not here
	Metrics []Metric  `json:"metrics,omitempty"`
	Trips   []float64 `json:"trips_ns,omitempty"` // of a cache line, just before each sample
	Rounds  []int     `json:"rounds,omitempty"`   // of each sample
}

// Metric is one figure of every sample.
type Metric struct {
	Unit   string    `json:"unit"`
	Values []float64 `json:"values"`
}

// Want is what the row was to show, and what it has come to.
type Want struct {
	Ours    string     `json:"ours"`
	Peer    string     `json:"peer,omitempty"`
	Metric  string     `json:"metric,omitempty"` // the unit of what is compared; "": the first one
	Against string     `json:"against"`
	Wanted  string     `json:"wanted"`
	Unit    string     `json:"unit"`
	AtLeast bool       `json:"at_least"`
	Limit   float64    `json:"limit"`
	Verdict string     `json:"verdict"`
	Values  []float64  `json:"values"` // the relation, round by round
	Summary *Summary   `json:"summary,omitempty"`
	Modes   []ModeWant `json:"modes,omitempty"`
}

// Summary sums up one figure of all rounds.
type Summary struct {
	Rounds    int        `json:"rounds"`
	Quartiles [3]float64 `json:"quartiles"`
	Interval  [2]float64 `json:"interval"`  // holds the median with 95 %; with too few rounds, all that was seen
	Wide      bool       `json:"too_noisy"` // the interval is too wide for the median to be given as a figure
}

// ModeWant is a Want in the rounds of one mode.
type ModeWant struct {
	Name    string  `json:"name"`
	Summary Summary `json:"summary"`
	Verdict string  `json:"verdict"`
}

// Add appends what was measured of a family.
func (r *Report) Add(families []measure.Family, all []measure.Measured) {
	of := map[string]string{}
	for _, f := range families {
		for _, row := range f.Rows {
			of[row.Name] = f.Name
		}
	}
	modes := measure.Modes(all)
	r.Slower = []Slower{}
	for _, m := range modes {
		r.Modes = append(r.Modes, Mode{m.Name, m.Trip, m.Rounds})
	}
	for _, m := range all {
		row := Row{Family: of[m.Name], Name: m.Name, Does: m.Does, Rounds: m.RoundsOf(r.Rounds)}
		for _, one := range m.Series {
			row.Impls = append(row.Impls, implOf(one))
		}
		for _, w := range m.Wants {
			row.Wants = append(row.Wants, wantOf(w.Judge(m, modes)))
		}
		r.Rows = append(r.Rows, row)
		if lost := slowerOf(m, modes); len(lost.Peers) > 0 {
			r.Slower = append(r.Slower, lost)
		}
	}
	sortSlower(r.Slower)
}

func implOf(one *measure.Series) Impl {
	im := Impl{Name: one.Name, Variant: one.Variant, Own: one.Own, Note: one.Note, Trips: one.Trips, Rounds: one.Rounds}
	if one.Failed != nil {
		im.Failed = one.Failed.Error()
		return im
	}
	if one.Skipped != nil {
		im.Skipped = one.Skipped.Error()
	}
	if len(one.Samples) > 0 {
		for _, m := range one.Samples[0].Metrics {
			im.Metrics = append(im.Metrics, Metric{m.Unit, one.Values(m.Unit)})
		}
	}
	return im
}

func wantOf(j measure.Judgement) Want {
	w := Want{Ours: j.Ours, Peer: j.Peer, Metric: j.Metric, Against: j.Against(), Wanted: j.Wanted(), Unit: j.Unit,
		AtLeast: j.AtLeast, Limit: j.Limit, Verdict: string(j.Verdict), Values: j.Values}
	if len(j.Values) > 0 {
		sum := summaryOf(j.Summary, j.Wide(j.Summary))
		w.Summary = &sum
	}
	for _, m := range j.Modes {
		w.Modes = append(w.Modes, ModeWant{m.Mode.Name, summaryOf(m.Summary, j.Wide(m.Summary)), string(m.Verdict)})
	}
	return w
}

func summaryOf(s stat.Summary, wide bool) Summary {
	return Summary{s.Rounds, s.Quartiles, s.Interval, wide}
}

// Summary sums up the metric. There must be a sample.
func (m Metric) Summary() Summary {
	s := stat.Summarize(m.Values)
	return summaryOf(s, s.Wide(0))
}

// Capped says, in brackets, how many rounds the row had at most, if those are fewer than others had.
func (r *Report) Capped(row Row) string {
	if row.Rounds >= r.Rounds {
		return ""
	}
	return fmt.Sprintf(" (at most %d rounds)", row.Rounds)
}

// Label names an implementation within its row.
func (i Impl) Label() string { return measure.Impl{Name: i.Name, Variant: i.Variant}.Label() }

// WriteJSON writes the report for Read.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(r)
}

// Read reads a report that WriteJSON has written to a file.
func Read(file string) (*Report, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var r Report
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("%s is no report.json of this program: %w", file, err)
	}
	if r.Format != Format {
		return nil, fmt.Errorf("%s is a report of format %d: this program writes and reads format %d", file, r.Format, Format)
	}
	if len(r.Rows) == 0 {
		return nil, errors.New(file + " has no rows to compare with")
	}
	return &r, nil
}
