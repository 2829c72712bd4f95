package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/remote"
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
	// aside is how many records the pass had set aside by then.
	aside int
}

// newProgress is that of a pass that begins now.
func (r *run) newProgress() progress {
	now := time.Now()
	return progress{every: r.call.Checkpoint, last: now, began: now}
}

// known is what a checkpoint says beside the ids.
type known struct {
	At       time.Time `json:"at,omitzero"`
	Source   string    `json:"source,omitzero"`
	First    int       `json:"first_total"`
	Last     int       `json:"last_total"`
	Totals   bool      `json:"totals"`
	Differs  bool      `json:"differs"`
	Shrank   bool      `json:"shrank,omitzero"`
	Shifting bool      `json:"shifting,omitzero"`
	// Gone are the records that are gone by the remote's own account.
	Gone  []string `json:"gone,omitzero"`
	Aside int      `json:"aside,omitzero"`
}

// resumable says that the run is a complete pass whose pages stand by themselves.
func (r *run) resumable() bool {
	return r.pass() && !r.call.Atomic && r.call.Checkpoint >= 0
}

// resume looks for an unfinished pass, and takes over what it knows.
func (r *run) resume(ctx context.Context) error {
	r.progress = r.newProgress()
	if !r.resumable() {
		return nil
	}
	shape, err := r.shape()
	if err != nil {
		return err
	}
	p, found, err := ledger.PassOf(ctx, r.m.DB, r.m.scope(r.call.Scope))
	if err != nil || !found || p.Shape != shape || p.Position == "" {
		return err
	}
	if age := time.Since(p.Recorded); age > passAge || age < -passAge {
		return nil
	}
	var k known
	if json.Unmarshal([]byte(p.Known), &k) != nil {
		return nil // written by another version of this package
	}
	c, ok := r.restoredClock(k)
	if !ok {
		return nil
	}
	gone := make(map[backend.ID]struct{}, len(k.Gone))
	for _, text := range k.Gone {
		id, err := r.m.parseID(text)
		if err != nil {
			return nil // ids are of another kind now
		}
		gone[id] = struct{}{}
	}
	if err := ledger.EachSeen(ctx, r.m.DB, r.m.scope(r.call.Scope), func(key uint64) { r.tally.list(key) }); err != nil {
		return err
	}
	r.gone, r.progress.aside = gone, k.Aside
	r.clock, r.totals, r.shifting = c, totals{first: k.First, last: k.Last, known: k.Totals, differs: k.Differs, shrank: k.Shrank}, k.Shifting
	r.progress.began, r.progress.position = p.Began, p.Position
	r.call.Request.Cursor = p.Position
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

// anew makes the run a pass that begins once more, before it has written anything:
// where an older one was interrupted, or at the beginning when that was refused.
func (r *run) anew(ctx context.Context) error {
	refused := r.progress.position != ""
	r.tally, r.totals, r.clock, r.shifting = tally{}, totals{}, clock{}, false
	r.gone = map[backend.ID]struct{}{}
	r.call.Request.Cursor = ""
	r.progress = r.newProgress()
	r.result.Resumed = false
	if !r.pass() {
		return nil
	}
	if !refused {
		if err := r.resume(ctx); err != nil {
			return fmt.Errorf("look for an unfinished pass: %w", err)
		}
		if r.result.Resumed {
			return nil
		}
	}
	return r.transact(ctx, func(tx backend.Tx) error { return r.dropProgress(ctx, tx) })
}

// refusesPosition says that the remote can't go on where a pass was interrupted:
// it refuses the request, or answers with what is no list. What may pass, and what
// has nothing to do with the place, is no such answer.
func (r *run) refusesPosition(err error) bool {
	if r.progress.position == "" || r.result.Pages > 0 {
		return false
	}
	if answer, ok := errors.AsType[*remote.Error](err); ok {
		return answer.Status >= 400 && answer.Status < 500 && answer.Status != http.StatusRequestTimeout &&
			!errors.Is(err, remote.ErrUnauthorized) && !errors.Is(err, remote.ErrLimited)
	}
	return errors.Is(err, remote.ErrInvalid) || errors.Is(err, remote.ErrNotFound) || errors.Is(err, remote.ErrNoRecords)
}

// due says that it is time for another note of where the pass is.
func (r *run) due(p *page) bool {
	return p.cursor != "" && r.tally.keeps && time.Since(r.progress.last) >= r.progress.every
}

// checkpoint notes where a pass is, in the transaction of a page, where the last
// note is old enough: a short pass writes none.
func (r *run) checkpoint(ctx context.Context, tx backend.Tx, p *page) error {
	if !r.due(p) {
		return nil
	}
	shape, err := r.shape()
	if err != nil {
		return err
	}
	k := known{At: r.clock.at, Source: r.clock.source.String(), First: r.totals.first, Last: r.totals.last,
		Totals: r.totals.known, Differs: r.totals.differs, Shrank: r.totals.shrank, Shifting: r.shifting, Aside: r.progress.aside + len(r.aside)}
	for id := range r.gone {
		k.Gone = append(k.Gone, id.String())
	}
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	err = ledger.PutPass(ctx, tx, r.m.scope(r.call.Scope), ledger.Pass{Shape: shape, Position: p.cursor, Known: string(text), Began: r.progress.began, Recorded: time.Now()})
	if err != nil {
		return err
	}
	if err := ledger.AddSeen(ctx, tx, r.m.scope(r.call.Scope), r.tally.fresh); err != nil {
		return err
	}
	r.committed(func() { r.progress.last, r.tally.fresh = time.Now(), r.tally.fresh[:0] })
	return nil
}

// dropProgress forgets what an unfinished pass has left: when another begins, and
// when it has ended.
func (r *run) dropProgress(ctx context.Context, tx backend.Tx) error {
	_, err := ledger.DropPass(ctx, tx, r.m.scope(r.call.Scope))
	return err
}
