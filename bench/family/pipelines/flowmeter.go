package pipelines

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pushcore/pushcore/bench/internal/child"
	"github.com/pushcore/pushcore/bench/internal/measure"
)

// flowmeterModule is the example that the last row runs, as a user would.
const flowmeterModule = "github.com/pushcore/pushcore/examples/flowmeter"

// flowmeterPackets is how long the capture is at least, made by reading a small one again and again.
const flowmeterPackets = 5_000_000

func flowmeterRows() []measure.Row {
	return []measure.Row{{
		Name:   "Pipeline/flowmeter/workers=1",
		Does:   "the example over 5 million packets, a reader and a pinned worker, beside its plain loop; per packet",
		Impls:  measure.Join(measure.Ours("pushcore", flowmeterWorker), measure.Each("workers-0", flowmeterPlain)),
		Wants:  []measure.Want{measure.Faster("pushcore", "workers-0", 1.3)},
		Full:   true,
		Slow:   true,
		Rounds: 6,
		Amount: flowmeterPackets,
		Takes:  time.Second,
	}}
}

// flowmeterWorker reads on one thread and meters on another, which is pinned.
func flowmeterWorker(s measure.Spot, n int) (measure.Sample, error) {
	return flowmeter(n, "-workers", "1", "-cpus", strconv.Itoa(s.CPUs[1]))
}

// flowmeterPlain is the same program's plain loop. A child inherits the cpus of the thread that starts it.
func flowmeterPlain(s measure.Spot, n int) (sm measure.Sample, err error) {
	_, err = s.On(1, func() (err error) {
		sm, err = flowmeter(n, "-workers", "0")
		return err
	})
	return sm, err
}

// flowmeter runs the example over at least n packets and returns the time per packet that it reports.
func flowmeter(n int, args ...string) (measure.Sample, error) {
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", flowmeterModule).Output()
	if err != nil {
		return measure.Sample{}, fmt.Errorf("%w: no %s in this module or workspace", measure.ErrSkip, flowmeterModule)
	}
	capture := filepath.Join(strings.TrimSpace(string(dir)), "testdata", "demo.pcap")
	each, err := pcapPackets(capture)
	if err != nil {
		return measure.Sample{}, err
	}
	repeat := (n + each - 1) / each
	cmd := exec.Command("go", append([]string{"run", flowmeterModule,
		"-r", capture, "-repeat", strconv.Itoa(repeat), "-json", "-top", "0"}, args...)...)
	defer child.Keep(cmd)()
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		said := strings.TrimSpace(string(exit.Stderr))
		return measure.Sample{}, fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, said)
	} else if err != nil {
		return measure.Sample{}, err
	}
	var r struct {
		Seconds     float64 `json:"seconds"`
		In          int     `json:"packets_in"`
		Out         int     `json:"packets_out"`
		InEqualsOut bool    `json:"in_equals_out"`
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return measure.Sample{}, err
	}
	if r.In != each*repeat || r.Out != r.In || !r.InEqualsOut {
		err := fmt.Errorf("data error: flowmeter read %d packets and counted %d of %d", r.In, r.Out, each*repeat)
		return measure.Sample{}, err
	}
	return measure.Of(r.Seconds*1e9/float64(r.In), measure.NsPerOp), nil
}

// pcapPackets counts the packets of a little-endian pcap file.
func pcapPackets(path string) (n int, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	const fileHeader, recordHeader, capturedAt = 24, 16, 8
	for at := fileHeader; at+recordHeader <= len(b); n++ {
		c := b[at+capturedAt:]
		at += recordHeader + int(uint32(c[0])|uint32(c[1])<<8|uint32(c[2])<<16|uint32(c[3])<<24)
	}
	if n == 0 {
		return 0, fmt.Errorf("%s holds no packets", path)
	}
	return n, nil
}
