package write

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
)

// goneError is that rows to which others should point were removed by somebody else,
// since they were found.
type goneError struct {
	of      *Writer
	records []*page.Record
}

func (e *goneError) Error() string {
	return fmt.Sprintf("the row of %s %s was removed meanwhile: run again", e.of.Model.Table.Name, e.records[0].ID)
}

// holder keeps rows that others are about to point to from being removed.
type holder struct{ *Writer }

// hold keeps the parents of a page's records from being removed until the transaction
// ends, as far as rows are about to be written that point to them: those in whose
// objects they are nested, and those that they name. A page that has nothing new holds
// nothing: to lock a row writes to it.
func (w holder) hold(ctx context.Context, tx *commit.Tx, p *page.Page) error {
	if tx.Dialect().Hold() == "" || len(w.Model.Table.Followed) == 0 && w.Model.Table.Parent == "" {
		return nil
	}
	fresh, err := w.fresh(ctx, tx, p)
	if err != nil || len(fresh) == 0 {
		return err
	}
	if w.Model.Table.Parent != "" {
		if err := w.holdAbove(ctx, tx, fresh); err != nil {
			return err
		}
	}
	return resolve(ctx, tx, w.Model, w.Scope, &page.Page{Records: fresh}, rows.HoldByID)
}

// fresh returns the records whose rows are not as they should be.
func (w holder) fresh(ctx context.Context, tx *commit.Tx, p *page.Page) ([]*page.Record, error) {
	records := make([]backend.Record, len(p.Records))
	for i, r := range p.Records {
		records[i] = r.Record
	}
	looks, err := tx.Look(ctx, w.Model.Table, w.Scope, records)
	if err != nil {
		return nil, fmt.Errorf("look at the rows: %w", err)
	}
	var fresh []*page.Record
	for i, r := range p.Records {
		if r.Look = looks[i]; r.Look != backend.Same {
			fresh = append(fresh, r)
		}
	}
	return fresh, nil
}

// holdAbove holds the rows in whose objects nested records are, and those above them
// first. Rows that the transaction has written are its own.
func (w holder) holdAbove(ctx context.Context, tx *commit.Tx, nested []*page.Record) error {
	by := map[backend.ID]*page.Record{}
	for _, r := range nested {
		if r.Of != nil && r.Of.Outcome.Change == backend.Unchanged {
			by[r.Parent] = r.Of
		}
	}
	return holder{w.claims.of}.holdRows(ctx, tx, by)
}

// holdRows holds rows by their local keys, and those above them first.
func (w holder) holdRows(ctx context.Context, tx *commit.Tx, by map[backend.ID]*page.Record) error {
	if len(by) == 0 || tx.Dialect().Hold() == "" {
		return nil
	}
	keys, records := make([]backend.ID, 0, len(by)), make([]*page.Record, 0, len(by))
	for key, r := range by {
		keys, records = append(keys, key), append(records, r)
	}
	if w.claims.of != nil && w.Model.Table.Parent != "" {
		if err := w.holdAbove(ctx, tx, records); err != nil {
			return err
		}
	}
	here, err := rows.HoldKeys(ctx, tx, w.Model.Table, keys)
	if err != nil {
		return fmt.Errorf("lock the rows of %s: %w", w.Model.Table.Name, err)
	}
	for _, key := range here {
		delete(by, key)
	}
	if len(by) == 0 {
		return nil
	}
	gone := &goneError{of: w.Writer}
	for _, r := range by {
		gone.records = append(gone.records, r)
	}
	return gone
}

// holdLinked holds the rows that new links of a family tie, and writes children again
// that are gone. It reports whether there were such.
func (w holder) holdLinked(ctx context.Context, tx *commit.Tx, f *Family, fresh map[backend.Link]bool) (again bool, err error) {
	if len(fresh) == 0 || tx.Dialect().Hold() == "" {
		return false, nil
	}
	parents, children := map[backend.ID]*page.Record{}, map[backend.ID]bool{}
	for _, l := range f.Links {
		if l.Of.Outcome.Change == backend.Unchanged {
			parents[l.Key] = l.Of
		}
	}
	for link := range fresh {
		children[link.Child] = true
	}
	linked := map[backend.ID]bool{}
	for link := range fresh {
		linked[link.Parent] = true
	}
	for key := range parents {
		if !linked[key] {
			delete(parents, key)
		}
	}
	if err := (holder{w.claims.of}).holdRows(ctx, tx, parents); err != nil {
		return false, err
	}
	keys := make([]backend.ID, 0, len(children))
	for key := range children {
		keys = append(keys, key)
	}
	here, err := rows.HoldKeys(ctx, tx, w.Model.Table, keys)
	if err != nil {
		return false, fmt.Errorf("lock the rows: %w", err)
	}
	for _, key := range here {
		delete(children, key)
	}
	var gone []*page.Record
	for _, r := range f.Records {
		if children[r.Outcome.Key] && r.Outcome.Err == nil {
			gone = append(gone, r)
		}
	}
	if len(gone) == 0 {
		return false, nil
	}
	return true, w.writeAgain(ctx, tx, &f.Page, gone)
}
