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
	p := &page{Session: s, columns: columns{t: t, scope: scope, rows: rows}}
	which := make([]int, len(ids))
	for i, id := range ids {
		p.records = append(p.records, backend.Record{ID: id})
		which[i] = i
	}
	return versioned{p}.older(ctx, which)
}

// versioned compares the versions of a page's rows with those stored.
type versioned struct{ *page }

// older finds those of the rows whose stored version is newer.
func (v versioned) older(ctx context.Context, which []int) (map[backend.ID]bool, error) {
	older := map[backend.ID]bool{}
	if v.t.Version == "" {
		return older, nil
	}
	columns := append(v.identity(), v.ofVersion())
	id := v.t.NewID()
	err := v.inBatches(which, columns, func(names []string, list squirrel.Sqlizer) error {
		query := with(len(columns)) +
			" SELECT " + v.t.Selected()[0] + " FROM " + store.Quote(v.t.Name) + ", " + source +
			" WHERE " + v.matching(columns) + " AND ? AND " + v.compared(names, " > ")
		return store.Each(ctx, v, squirrel.Expr(query, list, v.dialect.InScope(v.t, v.scope)), func(rows store.Rows) error {
			if err := rows.Scan(id); err != nil {
				return err
			}
			older[backend.IDOf(id)] = true
			return nil
		})
	})
	return older, err
}

// notOlder is the end of a condition, in a statement that writes the named
// columns: that the row has no newer version. It is "" where none is declared.
func (v versioned) notOlder(names []string) string {
	if v.t.Version == "" {
		return ""
	}
	return " AND (" + store.Quote(v.t.Version) + " IS NULL OR " + v.compared(names, " <= ") + ")"
}

// compared compares the stored version with the source's.
func (v versioned) compared(names []string, operator string) string {
	c := v.ofVersion()
	n := slices.Index(names, c.quoted)
	return c.quoted + v.dialect.ByBytes(c.DBType) + operator + source + "." + alias(n)
}

// split tells rows that were not written since the stored version is newer from
// those that are gone.
func (v versioned) split(ctx context.Context, which []int) (gone, older []int, err error) {
	if v.t.Version == "" || len(which) == 0 {
		return which, nil, nil
	}
	newer, err := v.older(ctx, which)
	for _, i := range which {
		if newer[v.records[i].ID] {
			older = append(older, i)
		} else {
			gone = append(gone, i)
		}
	}
	return gone, older, err
}
