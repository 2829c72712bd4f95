package sqlstore

import (
	"context"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// updater writes rows that exist.
type updater struct{ *page }

// updated is what became of rows that were not updated.
type updated struct {
	gone    []int // they no longer exist
	older   []int // the stored version is newer
	refused []refusal
}

// update writes every managed column of rows that have no newer version.
func (u updater) update(ctx context.Context, which []int) (found updated, err error) {
	found.refused, err = bisection(u).carefully(ctx, which, len(u.managed()), func(which []int) error {
		gone, older, err := u.updateAll(ctx, which)
		found.gone, found.older = append(found.gone, gone...), append(found.older, older...)
		return err
	})
	return found, err
}

func (u updater) updateAll(ctx context.Context, which []int) (gone, older []int, err error) {
	seen, err := u.updateEach(ctx, which)
	if err == nil && seen == nil {
		seen, err = u.updateListed(ctx, which)
	}
	if err != nil {
		return nil, nil, err
	}
	return versioned(u).split(ctx, slices.DeleteFunc(which, func(i int) bool { return seen[i] }))
}

// updateListed updates rows by statements that list them, and reports by record which those
// are. They then have what the database filled in.
func (u updater) updateListed(ctx context.Context, which []int) (seen []bool, err error) {
	columns := append(u.managed(), u.touched()...)
	seen = make([]bool, len(u.records))
	return seen, u.inBatches(which, columns, func(names []string, rows squirrel.Sqlizer) error {
		var set []string
		for n, c := range columns {
			if !u.identifies(c) {
				set = append(set, c.quoted+" = "+source+"."+alias(n))
			}
		}
		if u.t.Canceled != "" {
			set = append(set, store.Quote(u.t.Canceled)+" = "+u.t.Uncanceled())
		}
		update := with(len(columns)) +
			" UPDATE " + store.Quote(u.t.Name) + " SET " + join(set) + " FROM " + source +
			" WHERE " + u.matching(columns) + " AND ?" + versioned(u).notOlder(names) +
			" RETURNING " + join(u.own())
		return u.returning(ctx, squirrel.Expr(update, rows, u.dialect.InScope(u.t, u.scope)), func(i int) { seen[i] = true })
	})
}

// refresh writes the fingerprints of unchanged rows, and of those that exist no
// longer tells nothing.
func (u updater) refresh(ctx context.Context, which []int) (found updated, err error) {
	found.refused, err = bisection(u).carefully(ctx, which, 3, func(which []int) error {
		older, err := u.refreshAll(ctx, which)
		found.older = append(found.older, older...)
		return err
	})
	return found, err
}

func (u updater) refreshAll(ctx context.Context, which []int) (older []int, err error) {
	hash := len(u.identity())
	columns := append(u.identity(), u.ofHash())
	if u.t.Version != "" {
		columns = append(columns, u.ofVersion())
	}
	var refreshed int64
	err = u.inBatches(which, columns, func(names []string, rows squirrel.Sqlizer) error {
		update := with(len(columns)) +
			" UPDATE " + store.Quote(u.t.Name) + " SET " + names[hash] + " = " + source + "." + alias(hash) + " FROM " + source +
			" WHERE " + u.matching(columns) + " AND ?" + versioned(u).notOlder(names)
		n, err := u.Exec(ctx, squirrel.Expr(update, rows, u.dialect.InScope(u.t, u.scope)))
		refreshed += n
		return err
	})
	if err == nil && refreshed < int64(len(which)) {
		_, older, err = versioned(u).split(ctx, which)
	}
	return older, err
}
