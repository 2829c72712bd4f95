package declare

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
)

// described is what a database says of a model's tables.
type described struct {
	found, texts backend.Description
	links        map[string]backend.Description // by table
}

// describe reads what the model's tables look like. It is the place that finds a
// database that was not migrated.
func (p *planned) describe(ctx context.Context, db backend.Store) (described, error) {
	var d described
	var err error
	if d.found, err = db.Describe(ctx, p.Table); err != nil {
		return d, fmt.Errorf("read the columns of the table: %w", err)
	}
	if err := db.Ready(ctx); err != nil {
		return d, err
	}
	if len(d.found.Columns) == 0 {
		return d, fmt.Errorf("the database has no table %q: create it, Synced.Schema has the DDL", p.Table)
	}
	if d.found.View {
		return d, fmt.Errorf("%q is a view, and runs write rows: name the table below it", p.Table)
	}
	if d.found.Rewritten {
		return d, fmt.Errorf("%q has a rule for INSERT or UPDATE, and PostgreSQL takes no ON CONFLICT there, with which runs write: make it a trigger", p.Table)
	}
	if t := p.table.Translations; t != nil {
		if d.texts, err = db.Describe(ctx, t.Name); err != nil {
			return d, fmt.Errorf("read the columns of table %q: %w", t.Name, err)
		}
	}
	d.links = make(map[string]backend.Description, len(p.table.Links))
	for _, l := range p.table.Links {
		if d.links[l.Name], err = db.Describe(ctx, l.Name); err != nil {
			return d, fmt.Errorf("read the columns of table %q: %w", l.Name, err)
		}
	}
	return d, nil
}
