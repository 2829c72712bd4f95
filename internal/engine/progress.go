package engine

import (
	"context"
	"errors"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
)

// passAge is how old an unfinished pass may be to be gone on with: remotes forget
// their cursors.
const passAge = 24 * time.Hour

// progress is how far a complete pass has come that commits page by page.
type progress struct {
	every time.Duration // negative is never
	last  time.Time     // of the last checkpoint, or of the beginning
	began time.Time
	// position is where the pass went on, "" where it began at the beginning.
	position string
}

// known is what a checkpoint says beside the ids.
type known struct {
	At      time.Time `json:"at,omitzero"`
	Source  string    `json:"source,omitzero"`
	First   int       `json:"first_total"`
	Last    int       `json:"last_total"`
	Totals  bool      `json:"totals"`
	Differs bool      `json:"differs"`
}

// resumable says that the run is a complete pass whose pages stand by themselves.
func (r *run) resumable() bool {
	return r.pass() && !r.call.Atomic && r.m.Checkpoint >= 0
}

// resume looks for an unfinished pass, and takes over what it knows.
func (r *run) resume(ctx context.Context) error {
	r.progress = progress{every: r.m.Checkpoint, last: time.Now(), began: time.Now()}
	if !r.resumable() {
		return nil
	}
	shape, err := r.shape()
	if err != nil {
		return err
	}
	var text, position string
	var began, recorded any
	err = store.Each(ctx, r.m.DB, squirrel.Select("position", "known", "began_at", "recorded_at").From(passesTable).
		Where(r.m.ofScope(r.call.Scope)).Where(squirrel.Expr("shape = ?", shape)), func(rows store.Rows) error {
		return rows.Scan(&position, &text, &began, &recorded)
	})
	if err != nil || position == "" {
		return err
	}
	at, err := timeOf(recorded)
	if err != nil {
		return err
	}
	if age := time.Since(at); age > passAge || age < -passAge {
		return nil
	}
	if r.progress.began, err = timeOf(began); err != nil {
		return err
	}
	var k known
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return err
	}
	c, ok := r.restoredClock(k)
	if !ok {
		return nil
	}
	if err := r.m.eachSeen(ctx, r.m.DB, r.call.Scope, r.tally.list); err != nil {
		return err
	}
	r.clock, r.totals = c, totals{first: k.First, last: k.Last, known: k.Totals, differs: k.Differs}
	r.progress.position = position
	r.call.Request.Cursor = position
	r.result.Resumed = true
	return nil
}

// restoredClock is the clock that a pass began with.
func (r *run) restoredClock(k known) (clock, bool) {
	if !r.plan.StoreTime {
		return clock{}, true
	}
	for _, source := range r.plan.Sources {
		if source.String() == k.Source {
			_, later := source.First(&remote.Page{}, k.At)
			return clock{source: source, at: k.At, later: later}, true
		}
	}
	return clock{}, false // declared otherwise meanwhile
}

// anew makes the run a pass that begins at the beginning, before it has written
// anything.
func (r *run) anew(ctx context.Context) error {
	r.tally, r.totals, r.clock = newTally(), totals{}, clock{}
	r.call.Request.Cursor = ""
	r.progress = progress{every: r.m.Checkpoint, last: time.Now(), began: time.Now()}
	r.result.Resumed = false
	if !r.pass() {
		return nil
	}
	return r.transact(ctx, func(tx store.Tx) error { return r.dropProgress(ctx, tx) })
}

// refusesPosition says that the remote can't go on where a pass was interrupted.
func (r *run) refusesPosition(err error) bool {
	return r.progress.position != "" && r.result.Pages == 0 && (errors.Is(err, remote.ErrInvalid) || errors.Is(err, remote.ErrNotFound))
}

// checkpoint notes where a pass is, in the transaction of a page, where the last
// note is old enough: a short pass writes none.
func (r *run) checkpoint(ctx context.Context, tx store.Tx, p *page) error {
	if p.cursor == "" || r.progress.every < 0 || !r.resumable() || time.Since(r.progress.last) < r.progress.every {
		return nil
	}
	shape, err := r.shape()
	if err != nil {
		return err
	}
	text, err := json.Marshal(known{At: r.clock.at, Source: r.clock.source.String(),
		First: r.totals.first, Last: r.totals.last, Totals: r.totals.known, Differs: r.totals.differs})
	if err != nil {
		return err
	}
	scopeType, scopeID := r.m.scopeKeys(r.call.Scope)
	now := time.Now().UTC().Truncate(time.Microsecond)
	_, err = tx.Exec(ctx, squirrel.Insert(passesTable).
		Columns("model", "scope_type", "scope_id", "shape", "position", "known", "began_at", "recorded_at").
		Values(r.m.Table.Name, scopeType, scopeID, shape, p.cursor, string(text), r.progress.began.UTC().Truncate(time.Microsecond), now).
		Suffix("ON CONFLICT (model, scope_type, scope_id) DO UPDATE SET shape = excluded.shape, position = excluded.position,"+
			" known = excluded.known, began_at = excluded.began_at, recorded_at = excluded.recorded_at"))
	if err != nil {
		return err
	}
	if ids := r.keptIDs(); len(ids) > 0 {
		if err := r.m.keepSeen(ctx, tx, r.call.Scope, ids); err != nil {
			return err
		}
	}
	r.committed(func() { r.progress.last, r.tally.fresh = time.Now(), r.tally.fresh[:0] })
	return nil
}

// keptIDs are the ids listed since the last checkpoint, but for those that are
// gone by their own account: a pass that goes on must find them absent.
func (r *run) keptIDs() []uint64 {
	gone := make(map[uint64]bool, len(r.gone))
	for id := range r.gone {
		gone[idKey(id)] = true
	}
	ids := make([]uint64, 0, len(r.tally.fresh))
	for _, key := range r.tally.fresh {
		if !gone[key] {
			ids = append(ids, key)
		}
	}
	return ids
}

// dropProgress forgets what an unfinished pass has left: when another begins, and
// when it has ended.
func (r *run) dropProgress(ctx context.Context, tx store.Tx) error {
	for _, table := range []string{passesTable, seenTable} {
		if _, err := tx.Exec(ctx, squirrel.Delete(table).Where(r.m.ofScope(r.call.Scope))); err != nil {
			return err
		}
	}
	return nil
}
