package sqlstore

import (
	"context"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Older implements [backend.Querier].
func (s Session) Older(ctx context.Context, t *backend.Table, scope any, ids []backend.ID, rows []backend.Row) (map[backend.ID]bool, error) {
	w := &writer{Session: s, t: t, scope: scope, rows: rows}
	which := make([]int, len(ids))
	for i, id := range ids {
		w.page = append(w.page, backend.Record{ID: id})
		which[i] = i
	}
	return w.older(ctx, which)
}

// older finds those of the rows whose stored version is newer.
func (w *writer) older(ctx context.Context, which []int) (map[backend.ID]bool, error) {
	older := map[backend.ID]bool{}
	if w.t.Version == "" {
		return older, nil
	}
	columns := []writtenColumn{w.idColumn(), w.versionColumn()}
	id := w.t.NewID()
	err := w.inBatches(which, columns, func(names []string, list squirrel.Sqlizer) error {
		query := with(len(columns)) +
			" SELECT " + w.t.Selected()[0] + " FROM " + store.Quote(w.t.Name) + ", " + source +
			" WHERE " + names[0] + " = " + source + "." + alias(0) + " AND ? AND " + w.version(names, " > ")
		return store.Each(ctx, w, squirrel.Expr(query, list, w.dialect.InScope(w.t, w.scope)), func(rows store.Rows) error {
			if err := rows.Scan(id); err != nil {
				return err
			}
			older[w.t.IDOf(id)] = true
			return nil
		})
	})
	return older, err
}

// notOlder is the end of a condition, in a statement that writes the named
// columns: that the row has no newer version. It is "" where none is declared.
func (w *writer) notOlder(names []string) string {
	if w.t.Version == "" {
		return ""
	}
	return " AND (" + store.Quote(w.t.Version) + " IS NULL OR " + w.version(names, " <= ") + ")"
}

// version compares the stored version with the source's.
func (w *writer) version(names []string, operator string) string {
	c := w.versionColumn()
	n := slices.Index(names, c.quoted)
	return c.quoted + w.dialect.ByBytes(c.DBType) + operator + source + "." + alias(n)
}

// skip takes out those of the rows whose stored version is newer: they were not
// written, and stay as they are.
func (w *writer) skip(ctx context.Context, which []int) ([]int, error) {
	if w.t.Version == "" || len(which) == 0 {
		return which, nil
	}
	older, err := w.older(ctx, which)
	return slices.DeleteFunc(which, func(i int) bool {
		if !older[w.page[i].ID] {
			return false
		}
		w.outcomes[i] = backend.Outcome{Change: backend.Older, Key: w.outcomes[i].Key}
		return true
	}), err
}
