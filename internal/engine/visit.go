package engine

import (
	"context"
	"errors"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// visit is the run of one parent of a model that is listed for each: a synchronization
// under the lock of the whole, which writes nothing where nothing is new.
type visit struct {
	*synchronization
	standing ledger.Standing
	// quietly reports whether it wrote nothing, because nothing was new.
	quietly bool
	// moved is the time that replaces the stored one of a parent of which nothing is new.
	moved *ledger.Moved
}

func newVisit(m *model.Model, call Call, standing ledger.Standing, lock backend.Lock) *visit {
	r := newRun(m, call)
	r.work.Lock, r.writer.Beside.Locked = lock, true
	return &visit{synchronization: &synchronization{run: r}, standing: standing}
}

// do brings the rows of the parent in step.
func (v *visit) do(ctx context.Context) error {
	if !v.quiet(ctx) {
		v.feed.Windows = nil
		return v.synchronization.do(ctx)
	}
	if err := v.settle(); err != nil {
		return err
	}
	first, err := v.look(ctx)
	switch {
	case err != nil && !errors.Is(err, remote.ErrSinceRejected):
		if begun := v.noteBeginning(ctx); begun == nil {
			v.noteFailure(ctx, err)
		}
		return v.notReceived(first, err)
	case err != nil || first == nil || !v.short(first):
		v.spend(first)
		return v.again(ctx)
	case len(first.Objects) == 0:
		return v.idle(ctx, first)
	}
	v.first = first
	if err := v.noteBeginning(ctx); err != nil {
		return err
	}
	if v.turn.number != v.standing.Number+1 { // a Reset came after the time was read
		v.first = nil
		v.spend(first)
		return v.again(ctx)
	}
	if err = v.stages(ctx); err != nil {
		v.noteFailure(ctx, err)
	}
	return err
}

// quiet reports whether the parent may be asked for what changed before anything is
// noted, and settles what to ask for.
func (v *visit) quiet(ctx context.Context) bool {
	if !v.call.From.IsZero() || !v.standing.Settled || v.m.Table.Stamp != "" || v.call.Given {
		return false
	}
	v.stored = ledger.Time{At: v.standing.Time}
	v.ask = askFrom(v.call.Strategy, &v.standing, v.call.Scope, &v.call.Request)
	v.result.Since, v.result.Complete = v.ask.Since, v.ask.Complete
	if v.ask.Everything() || (windows{v.run}).span(ctx) != nil {
		return false
	}
	if v.feed.Windows == nil {
		return true
	}
	_, more := v.feed.Windows.Walk.After(v.feed.Windows.At)
	return !more
}

// askFrom returns what to ask a parent for, given what is stored of it.
func askFrom(s strategy.Strategy, standing *ledger.Standing, scope any, q *remote.Request) model.Ask {
	ask := model.Asks(s, standing.Time, scope)
	switch {
	case ask.KeepsPosition:
		if shape, err := asks(q); err == nil && shape == standing.Position.Shape {
			ask.Position = standing.Position.Text
		}
	case standing.Time.IsZero():
		return model.Ask{} // there may be an initial time
	}
	return ask
}

// look asks for the first page of what changed.
func (v *visit) look(ctx context.Context) (*page.Received, error) {
	request := v.call.Request
	request.Position = v.ask.Position
	request.UpdatedSince, request.UpdatedUntil = v.ask.Since, v.ask.Until
	return v.feed.First(ctx, request)
}

// asked returns what the list was last asked for: for a window of time, where the API lists
// no more at once.
func (v *visit) asked() *remote.Request {
	q := v.call.Request
	if w := v.feed.Windows; w != nil {
		q.UpdatedSince, q.UpdatedUntil = w.At.From, w.At.Until
	}
	return &q
}

// short reports whether a first page is all of the answer, and tells of nothing but
// records that exist. Before others, the run must have begun.
func (v *visit) short(p *page.Received) bool {
	if p.More || p.NotModified || len(p.DeletedIDs) > 0 || len(p.ChangedIDs) > 0 {
		return false
	}
	for _, o := range p.Objects {
		if v.listing.Deletes(o) {
			return false
		}
	}
	return true
}

// again runs the parent as if it had not been asked.
func (v *visit) again(ctx context.Context) error {
	spent := v.result
	r := newRun(v.m, v.call)
	r.work.Lock, r.writer.Beside.Locked = v.work.Lock, true
	r.result.Requests, r.result.Bytes = spent.Requests, spent.Bytes
	*v.run = *r
	return v.synchronization.do(ctx)
}

// movesAfter is how old the stored time of a parent may be of which nothing is new.
const movesAfter = time.Hour

// idle takes note of an answer without records. It writes nothing: asking from an earlier
// time misses nothing. A time that grows old is moved with those of other parents.
func (v *visit) idle(ctx context.Context, p *page.Received) error {
	if _, err := v.acceptPage(ctx, p); err != nil {
		if begun := v.noteBeginning(ctx); begun == nil {
			v.noteFailure(ctx, err)
		}
		return v.fail(p.Number, err)
	}
	if _, more := (windows{v.run}).following(); more {
		return v.again(ctx)
	}
	v.quietly = true
	moved := ledger.Moved{ID: v.m.Scope(v.call.Scope).ID, Number: v.standing.Number}
	refused := v.move(&moved)
	if refused != "" && v.mark != nil {
		v.mark.Due = "" // ask again
	}
	if refused == "" && (!moved.At.IsZero() || moved.Position.Text != "") {
		v.moved = &moved
	}
	v.recycle(&page.Page{From: p})
	return nil
}

// move sets the time or the position that replaces one that is old, or neither. Refused is
// why the answer has none.
func (v *visit) move(to *ledger.Moved) (refused string) {
	if !v.ask.KeepsPosition {
		at, source, refused := v.listing.Time()
		if at.Sub(v.stored.At) > v.m.AgesIn(movesAfter) {
			to.At, to.Source = at, source
		}
		return refused
	}
	was := v.standing.Position
	text, refused := v.listing.Position()
	if refused != "" {
		v.result.NotStored = refused
	}
	if text != was.Text && v.since.Sub(was.Recorded) > movesAfter {
		to.Position = ledger.RemotePosition{Text: text, Shape: was.Shape, Recorded: v.since}
	}
	return refused
}

// remove removes the rows of a parent that is gone, as if the remote had listed none.
func (v *visit) remove(ctx context.Context) error {
	err := v.synchronization.do(ctx)
	if err != nil {
		return err
	}
	return v.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		return ledger.Forget(ctx, tx, v.m.Scope(v.call.Scope))
	})
}
