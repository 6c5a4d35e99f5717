package server

import (
	"errors"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/exec"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/config"
)

// journal is what a worker notes of its shard, on its way to the append-only file. A job on
// the blocking pool writes all that was noted while the one before it was writing: a group
// commit. Positions count bytes that this worker has noted.
type journal struct {
	w       *worker
	log     command.Log // noted, and not yet given to a job
	given   uint64      // position up to which it was given to a job
	kept    uint64      // and up to which it is in the file; on the disk, too, with always
	busy    bool        // a job is writing
	broken  bool        // the file cannot be written
	spare   []byte
	changed exec.Signal // kept has grown
	held    []*parcel   // that wait for a position, in order; credits bound them
	loose   bool        // something was written since the last sync of everysec
	syncing bool
}

// errLost ends a connection that cannot be told that what it asked for is done.
var errLost = errors.New("the append-only file cannot be written")

// maxBacklog is how many bytes may be noted and not be in the file yet, before who has noted
// something waits.
const maxBacklog = 16 << 20

func (j *journal) init(w *worker) {
	j.w = w
	j.changed.Init(w.l)
	if j.on() {
		w.l.Every(time.Second, exec.Func(func(*exec.Local) { j.sync() }))
	}
}

func (j *journal) on() bool { return j.w.srv.file != nil }

// noted is where commands note what they do, or nil if there is no file.
func (j *journal) noted() *command.Log {
	if !j.on() {
		return nil
	}
	return &j.log
}

// mark returns the position of now.
func (j *journal) mark() uint64 { return j.given + uint64(len(j.log.Buf)) }

// writing reports whether something is not in the file yet.
func (j *journal) writing() bool { return j.kept < j.mark() }

// enough reports whether a reply may leave that was made at a position.
func (j *journal) enough(at uint64) bool {
	if j.w.srv.options.Load().AppendFsync == config.Always {
		return j.kept >= at
	}
	return at-min(j.kept, at) <= maxBacklog
}

// kick has a job write what was noted, if none is writing.
func (j *journal) kick() {
	if j.busy || j.broken || len(j.log.Buf) == 0 {
		return
	}
	j.busy = true
	if err := j.w.l.Go(j.write); err != nil {
		j.w.srv.fail(err)
	}
}

// write writes until there is nothing left.
func (j *journal) write(co *exec.Co) {
	defer func() { j.busy = false }()
	for len(j.log.Buf) > 0 {
		buf := j.log.Buf
		j.log.Buf, j.spare = j.spare, nil
		j.given += uint64(len(buf))
		if j.append(co, buf) != nil {
			j.abandon()
			return
		}
		j.kept = j.given
		j.spare = small(buf)
		j.changed.WakeAll()
		for len(j.held) > 0 && j.enough(j.held[0].seq) {
			j.held[0].release(j.w)
			j.held[0] = nil
			j.held = j.held[1:]
		}
	}
	j.w.lending.written(j.w)
}

// abandon lets everyone know who waits for the log that it will never have what they did.
func (j *journal) abandon() {
	j.broken = true
	j.changed.WakeAll()
	for _, p := range j.held {
		p.lost = true
		p.release(j.w)
	}
	j.held = nil
	j.w.lending.written(j.w)
}

// append writes b to the file. If that fails the server ends, and nothing is acknowledged.
func (j *journal) append(co *exec.Co, b []byte) error {
	j.loose = true
	always := j.w.srv.options.Load().AppendFsync == config.Always
	file := j.w.srv.file
	_, err := exec.Blocking(co, func() (struct{}, error) { return struct{}{}, file.Append(b, always) })
	if err != nil {
		err = fmt.Errorf("write: %w", err)
		j.w.srv.fail(err)
	}
	return err
}

// await waits until what this worker's sessions have noted may be acknowledged.
func (j *journal) await(co *exec.Co) error {
	if !j.on() || !j.writing() {
		return nil
	}
	j.kick()
	for at := j.mark(); !j.enough(at); {
		if j.broken {
			return errLost
		}
		if err := j.changed.Wait(co); err != nil {
			return err
		}
	}
	return nil
}

// hold sends a parcel home, as soon as what it has done may be acknowledged.
func (j *journal) hold(p *parcel) {
	if j.on() {
		j.kick()
		p.lost = j.broken
		if p.seq = j.mark(); !j.broken && (len(j.held) > 0 || !j.enough(p.seq)) {
			j.held = append(j.held, p)
			return
		}
	}
	p.release(j.w)
}

// sync is what everysec does.
func (j *journal) sync() {
	o := j.w.srv.options.Load()
	if o.AppendFsync != config.EverySec || j.syncing || !j.loose {
		return
	}
	j.syncing, j.loose = true, false
	err := j.w.l.Go(func(co *exec.Co) {
		defer func() { j.syncing = false }()
		file := j.w.srv.file
		size, err := exec.Blocking(co, func() (int64, error) { return file.Size(), file.Sync() })
		if err != nil {
			j.w.srv.fail(err)
			return
		}
		if warn := int64(o.AppendWarn); warn > 0 && size > warn && !j.w.srv.warned.Swap(true) {
			j.w.srv.log.Warn("the append-only file is large: it is never rewritten, and read when the server starts", "bytes", size, "append-warn-size", warn)
		}
	})
	if err != nil {
		j.syncing, j.loose = false, true
	}
}
