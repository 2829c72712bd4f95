package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/listing"
	"github.com/syncedgo/synced/internal/page"
)

// passAge is how old an unfinished pass may be to be resumed: remotes forget their
// positions.
const passAge = 24 * time.Hour

// pass is how far a complete pass has come that commits page by page.
type pass struct {
	every time.Duration // negative is never
	last  time.Time     // of the last checkpoint, or of the beginning
	began time.Time     // of the first run of the pass
	// position is where the pass resumed, "" where it began at the beginning.
	position string
}

// newPass returns a pass that begins now.
func newPass(r *run) pass {
	now := time.Now()
	return pass{every: r.call.Checkpoint, last: now, began: now}
}

// checkpoint is what is kept of an unfinished pass, beside the ids and the position.
type checkpoint struct {
	listing.State
	// Quarantined is how many records the pass had put into quarantine by then.
	Quarantined int `json:"aside,omitzero"`
}

// resumable reports whether the run is a complete pass whose pages stand by
// themselves.
func (r *run) resumable() bool {
	return r.kind == complete && !r.call.Atomic && r.call.Checkpoint >= 0
}

// resume looks for an unfinished pass, and takes over what it knows.
func (r *run) resume(ctx context.Context) error {
	if !r.resumable() {
		return nil
	}
	if err := r.resumePass(ctx); err != nil {
		return fmt.Errorf("look for an unfinished pass: %w", err)
	}
	return nil
}

func (r *run) resumePass(ctx context.Context) error {
	shape, err := r.shape()
	if err != nil {
		return err
	}
	scope := r.m.Scope(r.call.Scope)
	unfinished, found, err := ledger.PassOf(ctx, r.m.DB, scope)
	if err != nil || !found || unfinished.Shape != shape || !recent(time.Since(unfinished.Recorded)) {
		return err
	}
	var c checkpoint
	if json.Unmarshal([]byte(unfinished.Known), &c) != nil {
		return nil // written by another version of this package
	}
	if !r.listing.Resume(c.State) {
		return nil // declared otherwise meanwhile
	}
	if err := ledger.EachSeen(ctx, r.m.DB, scope, r.listing.Seen); err != nil {
		return err
	}
	r.writer.Resume(c.Quarantined)
	r.pass.began, r.pass.position = unfinished.Began, unfinished.Position
	r.call.Request.Cursor = unfinished.Position
	r.result.Resumed = true
	return nil
}

// recent reports whether a checkpoint of that age may be resumed. One from the future
// is as doubtful as an old one.
func recent(age time.Duration) bool { return age <= passAge && age >= -passAge }

// due reports whether it is time for another note of the pass's position.
func (r *run) due(p *page.Page) bool {
	return p.Position != "" && r.listing.Keeps() && time.Since(r.pass.last) >= r.pass.every
}

// checkpoint notes the position of a pass, in the transaction of a page, where the
// last note is old enough: a short pass writes none.
func (r *run) checkpoint(ctx context.Context, tx *commit.Tx, p *page.Page) error {
	if !r.due(p) {
		return nil
	}
	shape, err := r.shape()
	if err != nil {
		return err
	}
	text, err := json.Marshal(checkpoint{State: r.listing.State(), Quarantined: r.writer.Quarantined()})
	if err != nil {
		return err
	}
	scope := r.m.Scope(r.call.Scope)
	err = ledger.PutPass(ctx, tx, scope, ledger.Pass{Shape: shape, Position: p.Position, Known: string(text), Began: r.pass.began, Recorded: time.Now()})
	if err != nil {
		return err
	}
	if fresh := r.listing.Fresh(); len(fresh) > 0 {
		if err := ledger.AddSeen(ctx, tx, scope, fresh); err != nil {
			return err
		}
	}
	tx.After(func() {
		r.pass.last = time.Now()
		r.listing.Kept()
	})
	return nil
}

// forgetPass forgets what an unfinished pass has left, when another begins.
func (r *run) forgetPass(ctx context.Context) error {
	return r.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		_, err := ledger.DropPass(ctx, tx, r.m.Scope(r.call.Scope))
		return err
	})
}
