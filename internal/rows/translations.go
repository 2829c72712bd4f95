package rows

import (
	"context"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/store"
)

// Texts are the translations of a row, by translated field. A locale that has a
// row in the table of translations is in each of them.
type Texts []mapper.Translations

// Translations reads the translations of rows, by their local keys.
func Translations(ctx context.Context, q backend.Querier, m *model.Model, keys []backend.ID) (map[backend.ID]Texts, error) {
	t := m.Table.Translations
	parent := store.Quote(t.ParentColumn())
	columns := []string{parent, store.Quote(t.LocaleColumn())}
	if t.ParentKind != backend.Int {
		columns[0] = "CAST(" + parent + " AS text)"
	}
	for _, name := range t.Columns {
		columns = append(columns, store.Quote(name))
	}
	all := make(map[backend.ID]Texts, len(keys))
	if len(keys) == 0 {
		return all, nil
	}
	id, locale, found := backend.NewID(t.ParentKind), "", make([]*string, len(t.Columns))
	dest := []any{id, &locale}
	for c := range found {
		dest = append(dest, &found[c])
	}
	query := q.Dialect().Keyed(store.Quote(t.Name), columns, parent, t.ParentKind, keys, squirrel.Expr("true"))
	err := store.Each(ctx, q, query, func(r store.Rows) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		of := all[backend.IDOf(id)]
		if of == nil {
			of = make(Texts, len(found))
			for c := range of {
				of[c] = mapper.Translations{}
			}
			all[backend.IDOf(id)] = of
		}
		for c, text := range found {
			of[c][locale] = nil
			if text != nil {
				copied := *text
				of[c][locale] = &copied
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("translations: %w", err)
	}
	return all, nil
}

// Translate fills the translated fields of rows that were read.
func Translate(ctx context.Context, q backend.Querier, m *model.Model, read ...backend.Row) error {
	if m.Table.Translations == nil || len(read) == 0 {
		return nil
	}
	keys := make([]backend.ID, len(read))
	for i, row := range read {
		keys[i] = key(m, row)
	}
	stored, err := Translations(ctx, q, m, keys)
	if err != nil {
		return err
	}
	for i, row := range read {
		m.Plan.SetTranslations(row.Value, stored[keys[i]])
	}
	return nil
}

// key returns the local key of a row that was read.
func key(m *model.Model, row backend.Row) backend.ID {
	c := slices.IndexFunc(m.Table.Columns, func(c backend.Column) bool { return c.Name == m.Table.Key })
	v, _ := backend.Plain(row.Pointers[c]) // it came from the database
	return backend.AnyID(v)
}

// Locales lists the locales of some texts, in order, each once.
func Locales(all ...Texts) []string {
	var list []string
	for _, some := range all {
		for _, t := range some {
			for locale := range t {
				list = append(list, locale)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
