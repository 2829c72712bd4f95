// Package write brings the rows of a page in step, in a transaction that is open:
// the rows themselves, what belongs to them, and what is told of them.
package write

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/listing"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/report"
)

// Writer writes the records of one model and scope, in one run. Nested records have
// writers of their own. It is used by one goroutine at a time. A transaction that is
// tried again finds it as the first try did; its run ends with the first that fails.
type Writer struct {
	Model   *model.Model
	Scope   any
	Removal model.Removal
	// Listing knows what the run listed.
	Listing *listing.Listing
	Maker   *page.Maker
	// Beside leaves marks for what is under way beside the run.
	Beside Beside
	// Counts are what was committed so far, Translated of it the translations.
	Counts, Translated report.Counts

	quarantine quarantine
	validator  forgotten
	children   map[*model.Association]*Writer

	// claims and dropped are of nested records: who listed them, and which of them
	// wait for the end of the run to be removed, with the keys of the parents that
	// dropped them.
	claims  claims
	dropped map[backend.ID]backend.ID
	notes   notes
	journal journal
}

// New returns a writer that counts what is committed in Counts. Removal is what
// happens to rows whose records are gone.
func New(maker *page.Maker, l *listing.Listing, removal model.Removal) *Writer {
	return &Writer{Model: maker.Model, Scope: maker.Scope, Removal: removal, Listing: l, Maker: maker,
		quarantine: quarantine{m: maker.Model, scope: maker.Model.Scope(maker.Scope), kept: map[uint64]struct{}{}}, children: map[*model.Association]*Writer{},
		dropped: map[backend.ID]backend.ID{}}
}

// Write writes pages, and calls the handler for each. What became of each record is in its
// Outcome. The rows of several pages are written as one set: no record is on two of them, and
// one that the database refuses is an error, since it may be refused for the sake of another
// page's.
func (w *Writer) Write(ctx context.Context, tx *commit.Tx, pages ...*page.Page) error {
	all := page.Join(pages...)
	w.begin(tx)
	tx.Undo(all.Undo)
	if err := w.Complete(ctx, tx, all); err != nil {
		return err
	}
	if err := Resolve(ctx, tx, w.Model, w.Scope, all); err != nil {
		return err
	}
	if err := (holder{w}).hold(ctx, tx, all); err != nil {
		return err
	}
	if err := w.writeRows(ctx, tx, w.Model.Table, all); err != nil {
		return err
	}
	if len(pages) > 1 {
		if err := refusedOf(all); err != nil {
			return err
		}
	}
	for _, p := range pages {
		if err := follow(ctx, tx, w, p); err != nil {
			return err
		}
	}
	return nil
}

// follow does what follows from the rows of a page that are written.
func follow(ctx context.Context, tx *commit.Tx, w *Writer, p *page.Page) error {
	before := w.quarantine.count()
	if w.quarantine.nested == "" { // what is nested may move
		if err := w.Listing.CheckWritten(p); err != nil {
			return err
		}
	}
	if err := w.quarantine.keep(ctx, tx, &w.journal, p, cmp.Or(p.Listed, w.Listing.Size())); err != nil {
		return err
	}
	if err := w.Beside.wrote(ctx, tx, w.quarantine.scope, p, w.quarantine.nested != "" || p.Retried); err != nil {
		return err
	}
	counts, quarantined := w.Listing.Count(p), w.quarantine.count()
	p.Counts = counts
	p.Counts.Quarantined = quarantined - before
	written := p.Written()
	translated, err := writeTranslations(ctx, tx, w.Model, written)
	if err != nil {
		return err
	}
	tx.After(func() {
		w.Counts.Add(counts)
		w.Counts.Quarantined = quarantined
		w.Translated.Add(translated)
	})
	if err := tx.Changed(ctx, w.Model, w.Scope, changes(w.Model.Table, p)); err != nil {
		return err
	}
	if err := await(ctx, tx, w.Model, w.quarantine.scope, written); err != nil {
		return err
	}
	if err := mendDependents(ctx, tx, w.Model, w.Scope, p); err != nil {
		return err
	}
	return w.writeChildren(ctx, tx, p)
}

// writeRows has the store write the rows of a page, and gives each record its
// outcome.
func (w *Writer) writeRows(ctx context.Context, tx *commit.Tx, t *backend.Table, p *page.Page) error {
	records := make([]backend.Record, len(p.Records))
	for i, r := range p.Records {
		records[i] = r.Record
	}
	outcomes, err := tx.Write(ctx, t, w.Scope, records)
	if refused, ok := errors.AsType[*backend.RefusedError](err); ok {
		for _, r := range p.Records {
			if r.ID == refused.ID {
				err = r.Refused(refused)
			}
		}
	}
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	for i, r := range p.Records {
		r.Outcome = outcomes[i]
		if refused, ok := errors.AsType[*backend.RefusedError](r.Outcome.Err); ok {
			r.Outcome.Err = r.Refused(refused)
		}
	}
	return nil
}

// refusedOf returns why the database refuses a row of a page; nil where it refuses none.
func refusedOf(p *page.Page) error {
	for _, r := range p.Records {
		if _, refused := errors.AsType[*backend.RefusedError](r.Outcome.Err); refused {
			return r.Outcome.Err
		}
	}
	return nil
}

// kinds are the kinds of change that a handler is told of.
var kinds = map[backend.Change]report.Kind{backend.Created: report.Created, backend.Updated: report.Updated, backend.Restored: report.Restored}

// changes lists what a handler is told of a written page.
func changes(t *backend.Table, p *page.Page) []model.Change {
	var list []model.Change
	for _, r := range p.Records {
		kind, changed := kinds[r.Outcome.Change]
		switch {
		case !changed || r.Outcome.Err != nil:
		case p.Canceled:
			list = append(list, stillRemoved(r.ID, r.Outcome.Old.Value))
		default:
			list = append(list, model.Change{Kind: kind, ID: t.RemoteID(r.ID), Old: r.Outcome.Old.Value, New: r.Outcome.New.Value})
		}
	}
	return list
}

// stillRemoved is what is told of a canceled row that was written and stays canceled:
// whoever keeps a copy of the live rows must not take it in.
func stillRemoved(id backend.ID, old any) model.Change {
	return model.Change{Kind: report.Removed, ID: id, Old: old}
}

// forgotten tells whether the validator of the last complete run was forgotten.
type forgotten struct {
	in   *commit.Tx // the transaction that is forgetting it
	done bool
}

// Enter enters a transaction that writes or removes rows, before any of them is locked.
// Writing and removing do it themselves. It finds out what is under way beside this
// run, and forgets the validator of the last complete run before this one's first
// write: if the remote's list became again what it was then, the rows would not.
func (w *Writer) Enter(ctx context.Context, tx *commit.Tx) error {
	if err := w.Beside.enter(ctx, tx, w.quarantine.scope); err != nil {
		return err
	}
	if w.validator.done || w.validator.in == tx {
		return nil
	}
	if _, err := ledger.DropValidator(ctx, tx, w.quarantine.scope); err != nil {
		return fmt.Errorf("forget the validator: %w", err)
	}
	w.validator.in = tx
	tx.After(func() { w.validator.done = true })
	return nil
}

// NoValidator tells a writer that no complete run has left a validator, and that none can
// before the writer's run has ended.
func NoValidator(w *Writer) { w.validator.done = true }

// Renew has a writer turn to another list of the same run, of which nothing was listed
// before.
func Renew(w *Writer) {
	w.claims = claims{of: w.claims.of}
	w.dropped = map[backend.ID]backend.ID{}
	w.quarantine.renew()
	for _, child := range w.children {
		*child.Listing = *listing.New(listing.Rules{Model: child.Model})
		Renew(child)
	}
}

// Quarantined returns how many records the pass has put into quarantine.
func (w *Writer) Quarantined() int { return w.quarantine.before + len(w.quarantine.kept) }

// Unasked takes note of why a record could not be asked for by itself.
func Unasked(w *Writer, id backend.ID, why error) {
	if w.quarantine.unasked == nil {
		w.quarantine.unasked = map[backend.ID]error{}
	}
	w.quarantine.unasked[id] = why
}

// Resume takes over how many records an interrupted run of the pass had put into
// quarantine.
func (w *Writer) Resume(quarantined int) { w.quarantine.before = quarantined }

// LeftQuarantined reports whether the run left records in quarantine, nested ones
// included.
func (w *Writer) LeftQuarantined() bool {
	for _, child := range w.children {
		if child.LeftQuarantined() {
			return true
		}
	}
	return len(w.quarantine.kept) > 0
}

// Below adds what became of nested records, and of translations, by their tables.
func (w *Writer) Below(into map[string]report.Counts) {
	add := func(table string, counts report.Counts) {
		c := into[table]
		c.Add(counts)
		into[table] = c
	}
	if t := w.Model.Table.Translations; t != nil {
		add(t.Name, w.Translated)
	}
	for a, child := range w.children {
		add(a.Name(), child.Counts)
		if a.Link != nil {
			add(a.Link.Name, child.notes.linked)
		}
		child.Below(into)
	}
}
