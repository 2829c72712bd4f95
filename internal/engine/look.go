package engine

import (
	"context"
	"fmt"
	"iter"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote"
)

// looks says that pages are compared with the database before they are accepted:
// in a complete pass, over a table that is all that there is of the model. A page
// that has nothing new then needs no transaction, and one exchange with the
// database instead of five.
func (r *run) looks() bool {
	return r.pass() && r.m.plain() && r.m.Table.Hash != "" && !r.m.Quarantine && !r.m.Leftover
}

// looked looks at each page when it has come. What it finds may be outdated when
// the page is written: by another writer's row, which the writing meets, or by a
// page of this run that lists the record too, which accept minds.
func (r *run) looked(ctx context.Context, pages iter.Seq2[*received, error]) iter.Seq2[*received, error] {
	return func(yield func(*received, error) bool) {
		for page, err := range pages {
			if err == nil {
				err = r.look(ctx, page)
			}
			if !yield(page, err) {
				return
			}
		}
	}
}

func (r *run) look(ctx context.Context, page *received) error {
	rows, places := make([]backend.Record, 0, len(page.records)), make([]int, 0, len(page.records))
	for i, record := range page.records {
		if record.err == nil {
			rows, places = append(rows, record.row), append(places, i)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	looks, err := r.m.DB.Look(ctx, r.m.Table, r.call.Scope, rows)
	if err != nil {
		return fmt.Errorf("look for what differs: %w", err)
	}
	for n, i := range places {
		page.records[i].row.Look = looks[n]
	}
	return nil
}

// fetch is what the API lists: fetched and prepared while the page before it is
// looked at, which is while the one before that is written.
func (r *run) fetch(ctx context.Context, request remote.Request) iter.Seq2[*received, error] {
	pages := func(ctx context.Context) iter.Seq2[*received, error] {
		return r.prepared(r.call.API.Pages(ctx, request))
	}
	if !r.looks() {
		return ahead(ctx, pages)
	}
	looked := func(ctx context.Context) iter.Seq2[*received, error] { return r.looked(ctx, ahead(ctx, pages)) }
	if !r.m.DB.Parallel() {
		return looked(ctx)
	}
	return ahead(ctx, looked)
}
