package write

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// writeTranslations writes the translations of records in which they differ from
// those stored, of unchanged rows too. What the remote no longer has becomes null.
// It returns how many it created and updated.
func writeTranslations(ctx context.Context, tx *commit.Tx, m *model.Model, written []*page.Record) (counts report.Counts, err error) {
	if m.Table.Translations == nil || len(written) == 0 {
		return counts, nil
	}
	keys := make([]backend.ID, len(written))
	for i, r := range written {
		keys[i] = r.Outcome.Key
	}
	stored, err := rows.Translations(ctx, tx, m, keys)
	if err != nil {
		return counts, err
	}
	var write []backend.Translation
	for _, r := range written {
		old := stored[r.Outcome.Key]
		if was := r.Outcome.Old.Value; was != nil {
			m.Plan.SetTranslations(was, old)
		}
		fresh, err := textsOf(m, r)
		if err != nil {
			return counts, &model.RecordError{Record: r.ID.String(), Err: err}
		}
		for _, d := range differing(old, fresh) {
			if d.exists {
				counts.Updated++
			} else {
				counts.Created++
			}
			write = append(write, backend.Translation{Parent: r.Outcome.Key, Locale: d.locale, Texts: d.fresh, New: !d.exists})
		}
	}
	if err := tx.Translate(ctx, m.Table, write); err != nil {
		return counts, fmt.Errorf("translations: %w", err)
	}
	return counts, nil
}

// textsOf returns the translations of a record.
func textsOf(m *model.Model, r *page.Record) (rows.Texts, error) {
	if r.Outcome.New.Value != nil {
		return m.Plan.Translations(r.Outcome.New.Value), nil
	}
	return m.Plan.TranslationsOf(r.Object, r.Map)
}

// difference is a row of translations that is not as it should be.
type difference struct {
	locale string
	exists bool
	fresh  []*string
}

// differing lists the locales in which texts must be written.
func differing(stored, fresh rows.Texts) []difference {
	var list []difference
	for _, locale := range rows.Locales(stored, fresh) {
		d := difference{locale: locale, fresh: make([]*string, len(fresh))}
		differs := false
		for c := range fresh {
			d.fresh[c] = fresh[c][locale]
			if stored != nil {
				_, d.exists = stored[c][locale]
				differs = differs || !plan.SameTranslation(stored[c][locale], d.fresh[c])
			}
		}
		if differs || !d.exists {
			list = append(list, d)
		}
	}
	return list
}

// removeTranslations removes those of rows that are about to be deleted, also
// where the table does not see to it itself.
func removeTranslations(ctx context.Context, tx *commit.Tx, t *backend.Table, which squirrel.And) error {
	if t.Translations == nil {
		return nil
	}
	keys := squirrel.Select(store.Quote(t.Key)).From(store.Quote(t.Name)).Where(which)
	_, err := tx.Exec(ctx, squirrel.Expr("DELETE FROM "+store.Quote(t.Translations.Name)+" WHERE "+store.Quote(t.Translations.ParentColumn())+" IN (?)", keys))
	return err
}
