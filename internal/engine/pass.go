package engine

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/zeebo/xxh3"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/listing"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/write"
)

// passAge is how old an unfinished pass may be to be resumed: remotes forget their
// positions.
const passAge = 24 * time.Hour

// pass is how far a run has come, for another to resume it.
type pass struct {
	scope ledger.Scope
	// shape is what must be the same for a position or a validator to be of use.
	shape string
	every time.Duration // between checkpoints; negative is never
	last  time.Time     // of the last checkpoint, or of the beginning
	began time.Time     // of the first run of the pass
	// position is where the pass resumed, "" where it began at the beginning.
	position string
}

// newPass returns a pass that begins with the run.
func newPass(r *run) (pass, error) {
	p := pass{scope: r.m.Scope(r.call.Scope), every: r.call.Checkpoint, last: r.turn.began, began: r.turn.began}
	if r.kind != complete {
		return p, nil
	}
	var err error
	p.shape, err = shape(r.m, &r.call)
	return p, err
}

// shape returns a hash of what is asked for, what is removed, and how objects become
// rows.
func shape(m *model.Model, call *Call) (string, error) {
	text, err := json.Marshal(map[string]any{
		"endpoint": call.Request.Endpoint, "fields": call.Request.Fields, "include": call.Request.Include, "query": call.Request.Query,
		"removal": call.Removal.Kind, "column": call.Removal.Column, "tombstone": m.Tombstone != nil, "mappings": m.Mappings(),
	}, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	return strconv.FormatUint(xxh3.Hash(text), 16), err
}

// checkpoint is what is kept of an unfinished pass, beside the ids and the position.
type checkpoint struct {
	listing.State
	// Quarantined is how many records the pass had put into quarantine by then.
	Quarantined int `json:"quarantined,omitzero"`
	// Dropped are the nested records that wait for the end of the pass to be removed.
	Dropped []write.Dropped `json:"dropped,omitzero"`
}

// resume looks for an unfinished pass, where the run may resume one, and takes over
// what it knows.
func (p *pass) resume(ctx context.Context, r *run) error {
	if !r.resumable() {
		return nil
	}
	if err := p.take(ctx, r); err != nil {
		return fmt.Errorf("look for an unfinished pass: %w", err)
	}
	return nil
}

func (p *pass) take(ctx context.Context, r *run) error {
	unfinished, found, err := ledger.PassOf(ctx, r.m.DB, p.scope)
	if err != nil || !found || unfinished.Shape != p.shape || !recent(time.Since(unfinished.Recorded)) {
		return err
	}
	var c checkpoint
	if json.Unmarshal([]byte(unfinished.Known), &c) != nil {
		return nil // written by another version of this package
	}
	if !r.listing.Resume(c.State) {
		return nil // declared otherwise meanwhile
	}
	if err := ledger.EachSeen(ctx, r.m.DB, p.scope, r.listing.Seen); err != nil {
		return err
	}
	r.writer.Resume(c.Quarantined)
	r.writer.ResumeDropped(c.Dropped)
	p.began, p.position = unfinished.Began, unfinished.Position
	r.result.Resumed = true
	return nil
}

// recent reports whether a checkpoint of that age may be resumed. One from the future
// is as doubtful as an old one.
func recent(age time.Duration) bool { return age <= passAge && age >= -passAge }

// due reports whether it is time for another note of the pass's position.
func (p *pass) due(of *page.Page, l *listing.Listing) bool {
	return of.Position != "" && l.Keeps() && time.Since(p.last) >= p.every
}

// note keeps the position of a pass, in the transaction of a page.
func (p *pass) note(ctx context.Context, tx *commit.Tx, of *page.Page, r *run) error {
	text, err := json.Marshal(checkpoint{State: r.listing.State(), Quarantined: r.writer.Quarantined(), Dropped: r.writer.Dropped()})
	if err != nil {
		return err
	}
	err = ledger.PutPass(ctx, tx, p.scope, ledger.Pass{Shape: p.shape, Position: of.Position, Known: string(text), Began: p.began, Recorded: time.Now()})
	if err != nil {
		return err
	}
	if err := ledger.AddSeen(ctx, tx, p.scope, r.listing.Fresh()); err != nil {
		return err
	}
	tx.After(func() {
		p.last = time.Now()
		r.listing.Kept()
	})
	return nil
}

// forget forgets what an unfinished pass has left.
func (p *pass) forget(ctx context.Context, tx *commit.Tx) error {
	return ledger.DropPass(ctx, tx, p.scope)
}
