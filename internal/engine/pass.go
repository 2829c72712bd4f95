package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"
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

// pass is how far a run has come, for another to resume it: a pass over all records, or
// over those that changed since a time. A scope has one at a time.
type pass struct {
	scope ledger.Scope
	every time.Duration // between checkpoints; negative is never
	last  time.Time     // of the last checkpoint, or of the beginning
	began time.Time     // of the first run of the pass
	// position is where the pass resumed, "" where it began at the beginning.
	position string
	// shape is what must be the same for a position or a validator to be of use; "" where
	// nobody has asked for it.
	shape string
	left  left
	halt  halt
}

// left is what earlier runs have left of a pass.
type left struct {
	*ledger.Pass // nil where there is none
	// own reports whether it is a pass like that of the run, over all records or over what
	// changed, so that the run puts an end to it.
	own bool
}

// newPass returns a pass that begins with the run.
func newPass(r *run) pass {
	p := pass{scope: r.m.Scope(r.call.Scope), every: r.call.Checkpoint, last: r.turn.began, began: r.turn.began, left: r.pass.left}
	p.left.own = p.left.Pass != nil && strings.HasPrefix(p.left.Shape, sinceShape) == (r.kind == incremental)
	p.halt = halt{wish: r.call.Stop, may: (p.left.Pass == nil || r.kind == complete && !p.left.own) && !(windows{r}).apart()}
	return p
}

// look reads what earlier runs have left of a pass.
func (p *pass) look(ctx context.Context, r *run) error {
	if !r.turn.left.Pass {
		return nil
	}
	unfinished, found, err := ledger.PassOf(ctx, r.m.DB, r.m.Scope(r.call.Scope))
	if err != nil {
		return fmt.Errorf("look for an unfinished pass: %w", err)
	}
	if found {
		p.left.Pass = &unfinished
	}
	return nil
}

// sinceShape begins the shape of a pass over what changed since a time.
const sinceShape = "since "

// shaped returns the shape of the run's pass.
func (p *pass) shaped(r *run) (string, error) {
	if p.shape != "" {
		return p.shape, nil
	}
	hash, err := shape(r.m, &r.call, &r.ask)
	if err != nil {
		return "", err
	}
	if p.shape = hash; r.kind == incremental {
		p.shape = sinceShape + hash
	}
	return p.shape, nil
}

// shape returns a hash of what is asked for, what is removed, and how objects become
// rows.
func shape(m *model.Model, call *Call, ask *model.Ask) (string, error) {
	what := map[string]any{
		"endpoint": call.Request.Endpoint, "fields": call.Request.Fields, "include": call.Request.Include, "query": call.Request.Query,
		"removal": call.Removal.Kind, "column": call.Removal.Column, "tombstone": m.Tombstone != nil, "mappings": m.Mappings(),
	}
	if !ask.Everything() {
		what["since"], what["until"], what["position"] = ask.Since, ask.Until, ask.Position
	}
	text, err := json.Marshal(what, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
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

// resume takes over what an unfinished pass knows, where the run may resume it. Where it
// can't, the run goes to its end, whoever tells it to stop: else each run might begin again
// and stop, for ever.
func (p *pass) resume(ctx context.Context, r *run) error {
	if p.left.Pass == nil || !p.left.own || !r.resumable() {
		return nil
	}
	if err := p.take(ctx, r); err != nil {
		return fmt.Errorf("resume an unfinished pass: %w", err)
	}
	return nil
}

func (p *pass) take(ctx context.Context, r *run) error {
	shape, err := p.shaped(r)
	if err != nil || p.left.Shape != shape || p.left.Position == "" || !recent(time.Since(p.left.Recorded)) {
		return err
	}
	var c checkpoint
	if json.Unmarshal([]byte(p.left.Known), &c) != nil {
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
	r.writer.Beside.Covered = true
	p.began, p.position, p.halt.may = p.left.Began, p.left.Position, true
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
func (p *pass) note(ctx context.Context, tx *commit.Tx, position string, r *run) error {
	shape, err := p.shaped(r)
	if err != nil {
		return err
	}
	text, err := json.Marshal(checkpoint{State: r.listing.State(), Quarantined: r.writer.Quarantined(), Dropped: r.writer.Dropped()})
	if err != nil {
		return err
	}
	noted := ledger.Pass{Shape: shape, Position: position, Known: string(text), Began: p.began, Recorded: time.Now()}
	if err := ledger.PutPass(ctx, tx, p.scope, noted); err != nil {
		return err
	}
	if err := ledger.AddSeen(ctx, tx, p.scope, r.listing.Fresh()); err != nil {
		return err
	}
	tx.After(func() {
		p.last, p.left = time.Now(), left{&noted, true}
		r.listing.Kept()
	})
	return nil
}

// obsolete reports whether a pass that was left is of no use once the run began at the
// beginning, or ended well: one over all records lists what one over changes would, and not
// the other way round.
func (p *pass) obsolete(k kind) bool {
	return p.left.Pass != nil && (k == complete || k == incremental && p.left.own)
}

// forget forgets what an unfinished pass has left.
func (p *pass) forget(ctx context.Context, tx *commit.Tx) error {
	tx.After(func() { p.left = left{} })
	return ledger.DropPass(ctx, tx, p.scope)
}
