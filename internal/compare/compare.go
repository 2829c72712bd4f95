// Package compare finds how rows differ from what the remote lists, and writes
// nothing.
package compare

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/internal/write"
	"github.com/syncedgo/synced/report"
)

// Comparison compares records with the rows of a scope.
type Comparison struct {
	// Writer is the one that would write the records. It knows their children.
	Writer *write.Writer
	// Q reads the rows.
	Q backend.Querier
	// Locks reports whether the rows that are read stay as they are until Q, a
	// transaction, ends.
	Locks bool
}

// pair is a record and its row.
type pair struct {
	*page.Record
	mapped backend.Row
	// bad is why the record would go into quarantine.
	bad error
	// older reports whether the row has a newer version, so that it would be left as
	// it is.
	older  bool
	stored rows.Stored
	exists bool
}

// left reports whether a run would leave the row as it is.
func (p *pair) left() bool { return p.bad != nil || p.older }

// Page yields the differences of a page to found.
func (c *Comparison) Page(ctx context.Context, p *page.Page, found func(report.Difference) error) error {
	pairs, err := c.pairs(ctx, p)
	if err != nil {
		return err
	}
	if pairs, err = c.different(ctx, pairs); err != nil || len(pairs) == 0 {
		return err
	}
	if err := c.load(ctx, pairs); err != nil {
		return err
	}
	children, err := c.children(ctx, p, pairs)
	if err != nil {
		return err
	}
	for i := range pairs {
		d, differs, err := c.difference(ctx, &pairs[i], children)
		if err == nil && differs {
			err = found(d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pairs resolves and maps the records of a page.
func (c *Comparison) pairs(ctx context.Context, p *page.Page) ([]pair, error) {
	m, scope := c.Writer.Model, c.Writer.Scope
	if err := write.Resolve(ctx, c.Q, m, scope, p); err != nil {
		return nil, err
	}
	pairs := make([]pair, len(p.Records))
	var ids []backend.ID
	var good []backend.Row
	for i, r := range p.Records {
		row, err := r.Map()
		if err != nil && (!r.Quarantine || plan.BrokenRule(err)) {
			return nil, err
		}
		if pairs[i] = (pair{Record: r, mapped: row, bad: err}); err == nil {
			ids, good = append(ids, r.ID), append(good, row)
		}
	}
	if err := c.Q.Settle(ctx, m.Table, good); err != nil {
		return nil, fmt.Errorf("ask how columns keep values: %w", err)
	}
	older, err := c.Q.Older(ctx, m.Table, scope, ids, good)
	if err != nil {
		return nil, fmt.Errorf("compare versions: %w", err)
	}
	for i := range pairs {
		pairs[i].older = older[pairs[i].ID]
	}
	return pairs, nil
}

// different leaves out what is stored as it was mapped, of a model whose table is
// all that there is of it: most rows of most runs, in a third of the time that it
// takes to read them.
func (c *Comparison) different(ctx context.Context, pairs []pair) ([]pair, error) {
	m := c.Writer.Model
	if len(m.Associations) > 0 || m.Table.Translations != nil {
		return pairs, nil
	}
	var ids []backend.ID
	var good []backend.Row
	for i := range pairs {
		if !pairs[i].left() {
			ids, good = append(ids, pairs[i].ID), append(good, pairs[i].mapped)
		}
	}
	same, err := c.Q.Same(ctx, m.Table, c.Writer.Scope, ids, good)
	if err != nil {
		return nil, fmt.Errorf("compare rows: %w", err)
	}
	rest, n := pairs[:0], 0
	for _, p := range pairs {
		if !p.left() {
			if n++; same[n-1] {
				continue
			}
		}
		rest = append(rest, p)
	}
	return rest, nil
}

// load reads the rows of pairs as they are stored.
func (c *Comparison) load(ctx context.Context, pairs []pair) error {
	ids := make([]backend.ID, len(pairs))
	for i := range pairs {
		ids[i] = pairs[i].ID
	}
	load := rows.LoadAll
	if c.Locks {
		load = rows.LoadAllLocked
	}
	stored, err := load(ctx, c.Q, c.Writer.Model, c.Writer.Scope, ids)
	if err != nil {
		return err
	}
	for i := range pairs {
		pairs[i].stored, pairs[i].exists = stored[pairs[i].ID]
	}
	return nil
}

// difference returns how the two of a pair differ, if they do.
func (c *Comparison) difference(ctx context.Context, p *pair, children map[*page.Record][]report.Field) (d report.Difference, differs bool, err error) {
	switch {
	case p.bad != nil:
		d.Invalid = &report.Invalid{ID: p.ID.String(), Error: model.Reason(ctx, p.bad)}
	case p.older:
		d.Older = &report.Older{ID: p.ID.String()}
	case !p.exists:
		d.Missing = &report.Missing{ID: p.ID.String(), Object: p.Object.Clone()} // it outlives the page
	default:
		fields, err := rows.Fields(c.Writer.Model, p.stored, p.mapped)
		if err != nil {
			return d, false, err
		}
		if fields = append(fields, children[p.Record]...); len(fields) == 0 {
			return d, false, nil
		}
		d.Changed = &report.Changed{ID: p.ID.String(), Fields: fields, Object: p.Object.Clone()} // it outlives the page
	}
	return d, true, nil
}
