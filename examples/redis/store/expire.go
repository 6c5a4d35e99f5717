package store

// timers are the keys that will expire, the next one first: a binary heap. Every entry knows
// its place in it, so that it can be moved and removed.
type timers []timer

type timer struct {
	at int64
	e  *Entry
}

// ExpireAt has e expire at a time.
func (db *DB) ExpireAt(e *Entry, at int64) {
	if i := e.Value.timer; i > 0 {
		db.timers[i-1].at = at
		db.timers.fix(int(i - 1))
		return
	}
	db.timers = append(db.timers, timer{at, e})
	e.Value.timer = int32(len(db.timers))
	db.timers.up(len(db.timers) - 1)
}

// Persist has e live for ever, and reports whether it would have expired.
func (db *DB) Persist(e *Entry) bool { return db.timers.remove(e) }

// Deadline returns when e expires, if it does.
func (db *DB) Deadline(e *Entry) (at int64, ok bool) {
	if e.Value.timer == 0 {
		return 0, false
	}
	return db.timers[e.Value.timer-1].at, true
}

// Expired reports whether e has expired at a time.
func (db *DB) Expired(e *Entry, now int64) bool {
	return e.Value.timer != 0 && now > db.timers[e.Value.timer-1].at
}

// NextExpired returns an entry that has expired, the oldest one, or nil.
func (db *DB) NextExpired(now int64) *Entry {
	if len(db.timers) == 0 || now <= db.timers[0].at {
		return nil
	}
	return db.timers[0].e
}

func (t timers) swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].e.Value.timer, t[j].e.Value.timer = int32(i+1), int32(j+1)
}

func (t timers) up(i int) bool {
	moved := false
	for i > 0 {
		parent := (i - 1) / 2
		if t[parent].at <= t[i].at {
			break
		}
		t.swap(i, parent)
		i, moved = parent, true
	}
	return moved
}

func (t timers) down(i int) {
	for {
		least := 2*i + 1
		if least >= len(t) {
			return
		}
		if right := least + 1; right < len(t) && t[right].at < t[least].at {
			least = right
		}
		if t[i].at <= t[least].at {
			return
		}
		t.swap(i, least)
		i = least
	}
}

func (t timers) fix(i int) {
	if !t.up(i) {
		t.down(i)
	}
}

func (t *timers) remove(e *Entry) bool {
	i := int(e.Value.timer) - 1
	if i < 0 {
		return false
	}
	last := len(*t) - 1
	t.swap(i, last)
	(*t)[last] = timer{}
	*t = (*t)[:last]
	e.Value.timer = 0
	if i < last {
		t.fix(i)
	}
	return true
}
