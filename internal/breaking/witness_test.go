package breaking_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"
)

// truth is a record of a witness.
type truth struct {
	name string
	at   time.Time // when it changed, as the remote stamps it
	// seen is from when lists show it; before, they show what was there, or nothing.
	seen   time.Time
	before *truth
}

// witness is a remote that is not to be believed: it has records, knows which it had
// when, and answers for them as its manner and the fault of the moment have it.
type witness struct {
	manner
	srv *httptest.Server

	mu      sync.Mutex
	now     time.Time
	tick    int // counts what happened
	records map[int]*truth
	deleted map[int]time.Time
	// back is when a record was last created: until then it was absent.
	back  map[int]int
	edits int

	requests int // since the last plan
	asked    int // those of them for certain records
	listed   map[int]bool
	plan     plan
	die      context.CancelFunc
}

// plan is what happens at which request of a call.
type plan struct {
	edits map[int][]change
	fault fault
	// hidden are records that lists leave out, although their totals count them.
	hidden map[int]bool
}

// newWitness has the records 1 to n.
func newWitness(m manner, n int) *witness {
	w := &witness{manner: m, now: time.Now().Add(-10 * time.Hour).UTC().Truncate(time.Millisecond), records: map[int]*truth{}, deleted: map[int]time.Time{}, back: map[int]int{}}
	for id := 1; id <= n; id++ {
		w.edit(change{Kind: "create", ID: id})
	}
	w.rest(10 * time.Minute)
	w.srv = httptest.NewUnstartedServer(http.HandlerFunc(w.serve))
	w.srv.Config.ErrorLog = silent
	w.srv.Start()
	return w
}

// rest lets time pass.
func (w *witness) rest(d time.Duration) {
	if !w.RealTime {
		w.now = w.now.Add(d)
	}
}

// time is the remote's clock, which stamps its records.
func (w *witness) time() time.Time {
	if w.RealTime {
		return time.Now().UTC()
	}
	return w.now
}

// happens counts something that happens, a little later than what happened before.
func (w *witness) happens() {
	w.tick++
	w.rest(1700 * time.Millisecond)
}

// edit changes a record, where the change makes sense. The records 1 and 2 stay: a
// miss is proven beside two that are found.
func (w *witness) edit(c change) {
	w.happens()
	w.edits++
	old, exists := w.records[c.ID]
	now := w.time()
	next := &truth{name: fmt.Sprintf("edit %d", w.edits), at: now, seen: now.Add(w.Lag), before: old}
	switch {
	case c.Kind == "create" && !exists:
		if _, was := w.back[c.ID]; was {
			next.seen = now // else a list would lack what it had before
		}
		w.records[c.ID] = next
		w.back[c.ID] = w.tick
		delete(w.deleted, c.ID)
	case c.Kind == "update" && exists:
		w.records[c.ID] = next
	case c.Kind == "delete" && exists && c.ID > 2:
		delete(w.records, c.ID)
		w.deleted[c.ID] = now
	}
}

// lacked reports whether the remote had no such record at some time since a tick.
func (w *witness) lacked(id, since int) bool {
	_, exists := w.records[id]
	back, was := w.back[id]
	return !exists || !was || back > since
}

// prepare sets what happens in a call, which ends with its context.
func (w *witness) prepare(ctx context.Context, p plan) context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plan, w.requests, w.asked, w.listed = p, 0, 0, map[int]bool{}
	ctx, w.die = context.WithCancel(ctx)
	return ctx
}

// shown is the version of a record that lists show, nil where none.
func (w *witness) shown(id int) *truth {
	for t := w.records[id]; t != nil; t = t.before {
		if !t.seen.After(w.time()) {
			return t
		}
	}
	return nil
}

// entry is what a list has of a record.
type entry struct {
	id      int
	name    string
	at      time.Time
	deleted bool
}

func (e entry) json() string {
	at := e.at.Format(time.RFC3339Nano)
	if e.deleted {
		return fmt.Sprintf(`{"id":%d,"deleted":true,"updated_at":%q}`, e.id, at)
	}
	return fmt.Sprintf(`{"id":%d,"name":%q,"updated_at":%q}`, e.id, e.name, at)
}

// entries are what the list has that was asked for, in its order.
func (w *witness) entries(since time.Time, ids map[int]bool, odd bool) []entry {
	var list []entry
	for id := range w.records {
		if t := w.shown(id); t != nil {
			list = append(list, entry{id: id, name: t.name, at: t.at})
		}
	}
	if w.Deletions == "tombstones" && ids == nil {
		for id, at := range w.deleted {
			list = append(list, entry{id: id, at: at, deleted: true})
		}
	}
	list = slices.DeleteFunc(list, func(e entry) bool {
		return e.at.Before(since) || ids != nil && !ids[e.id] || odd && e.id%2 == 0
	})
	slices.SortFunc(list, func(a, b entry) int {
		switch {
		case w.Order == "oldest first" && !a.at.Equal(b.at):
			return a.at.Compare(b.at)
		case w.Order == "newest first" && !a.at.Equal(b.at):
			return b.at.Compare(a.at)
		default:
			return a.id - b.id
		}
	})
	return list
}

// announced are the deleted ids that a page names.
func (w *witness) announced(since time.Time) []int {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(w.deleted)), func(id int) bool { return w.deleted[id].Before(since) })
}
