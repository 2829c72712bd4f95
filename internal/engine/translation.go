package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// texts are the translations of a row, by translated field. A locale that has a
// row in the table of translations is in each of them.
type texts []mapper.Translations

// stored reads the translations of rows, by their local keys.
func (m *Model) stored(ctx context.Context, q backend.Querier, keys []backend.ID) (map[backend.ID]texts, error) {
	t := m.Table.Translations
	parent := store.Quote(backend.TranslationParent)
	columns := []string{parent, store.Quote(backend.TranslationLocale)}
	if t.ParentKind != backend.Int {
		columns[0] = "CAST(" + parent + " AS text)"
	}
	for _, name := range t.Columns {
		columns = append(columns, store.Quote(name))
	}
	all := make(map[backend.ID]texts, len(keys))
	if len(keys) == 0 {
		return all, nil
	}
	id, locale, found := backend.NewID(t.ParentKind), "", make([]*string, len(t.Columns))
	dest := []any{id, &locale}
	for c := range found {
		dest = append(dest, &found[c])
	}
	query := squirrel.Select(columns...).From(store.Quote(t.Name)).Where(q.Dialect().AnyID(parent, t.ParentKind, keys))
	return all, store.Each(ctx, q, query, func(rows store.Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		of := all[backend.IDOf(id)]
		if of == nil {
			of = make(texts, len(found))
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
}

// translate fills the translated fields of rows that were read.
func (m *Model) translate(ctx context.Context, q backend.Querier, records ...backend.Row) error {
	if m.Table.Translations == nil || len(records) == 0 {
		return nil
	}
	keys := make([]backend.ID, len(records))
	for i, rec := range records {
		keys[i] = m.key(rec)
	}
	stored, err := m.stored(ctx, q, keys)
	if err != nil {
		return fmt.Errorf("translations: %w", err)
	}
	for i, rec := range records {
		m.Plan.SetTranslations(rec.Value, stored[keys[i]])
	}
	return nil
}

// key is the local key of a row that was read.
func (m *Model) key(rec backend.Row) backend.ID {
	c := slices.IndexFunc(m.Table.Columns, func(c backend.Column) bool { return c.Name == m.Table.Key })
	v, _ := backend.Plain(rec.Pointers[c]) // it came from the database
	return backend.AnyID(v)
}

// writeTranslations writes the translations of a page in which they differ from
// those stored, of unchanged rows too. What the remote has no more becomes null.
func (r *run) writeTranslations(ctx context.Context, tx backend.Tx, p *page, outcomes []backend.Outcome) error {
	if r.m.Table.Translations == nil || len(p.rows) == 0 {
		return nil
	}
	keys := make([]backend.ID, len(p.rows))
	for i := range p.rows {
		keys[i] = outcomes[i].Key
	}
	stored, err := r.m.stored(ctx, tx, keys)
	if err != nil {
		return fmt.Errorf("translations: %w", err)
	}
	var write []backend.Translation
	var counts report.Counts
	for i, row := range p.rows {
		old := stored[keys[i]]
		if was := outcomes[i].Old.Value; was != nil {
			r.m.Plan.SetTranslations(was, old)
		}
		fresh, err := r.textsOf(p, i, outcomes[i])
		if err != nil {
			return &recordError{row.ID.String(), err}
		}
		for _, d := range differing(old, fresh) {
			if counts.Updated++; !d.exists {
				counts.Created, counts.Updated = counts.Created+1, counts.Updated-1
			}
			write = append(write, backend.Translation{Parent: keys[i], Locale: d.locale, Texts: d.fresh})
		}
	}
	if err := tx.Translate(ctx, r.m.Table, write); err != nil {
		return fmt.Errorf("translations: %w", err)
	}
	r.committed(func() { r.translated.Add(counts) })
	return nil
}

// textsOf are the translations of a record of a page.
func (r *run) textsOf(p *page, i int, o backend.Outcome) (texts, error) {
	if o.New.Value != nil {
		return r.m.Plan.Translations(o.New.Value), nil
	}
	return r.m.Plan.TranslationsOf(p.objects[i], p.rows[i].Map)
}

// difference is a row of translations that is not as it should be.
type difference struct {
	locale string
	exists bool
	fresh  []*string
}

// differing are the locales in which texts are to be written.
func differing(stored, fresh texts) []difference {
	var list []difference
	for _, locale := range locales(stored, fresh) {
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

func locales(all ...texts) []string {
	var list []string
	for _, some := range all {
		for _, t := range some {
			list = append(list, t.Locales()...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// textFields lists the translations in which a row, read with its own, differs,
// as "headline.en".
func (m *Model) textFields(stored, fresh backend.Row) []report.Field {
	if m.Table.Translations == nil {
		return nil
	}
	value := func(text *string) any {
		if text == nil {
			return nil
		}
		return *text
	}
	var fields []report.Field
	old, now := m.Plan.Translations(stored.Value), m.Plan.Translations(fresh.Value)
	for c, column := range m.Table.Translations.Columns {
		for _, locale := range locales(old[c:c+1], now[c:c+1]) {
			if a, b := old[c][locale], now[c][locale]; !plan.SameTranslation(a, b) {
				fields = append(fields, report.Field{Column: column + "." + locale, Local: value(a), Remote: value(b)})
			}
		}
	}
	return fields
}

// removeTranslations removes those of rows that are about to be deleted, also
// where the table does not see to it itself.
func (m *Model) removeTranslations(ctx context.Context, tx backend.Tx, rows squirrel.And) error {
	if m.Table.Translations == nil {
		return nil
	}
	keys := squirrel.Select(store.Quote(m.Table.Key)).From(store.Quote(m.Table.Name)).Where(rows)
	_, err := tx.Exec(ctx, squirrel.Expr("DELETE FROM "+store.Quote(m.Table.Translations.Name)+" WHERE "+store.Quote(backend.TranslationParent)+" IN (?)", keys))
	return err
}

// readAhead is how many rows are read before their translations are.
const readAhead = 500

// readScope reads the rows of a scope in the order of their remote ids. Those with
// translations are read some at a time: a connection cannot read both at once.
func (m *Model) readScope(ctx context.Context, scope any, found func(loaded) error) error {
	if m.Table.Translations == nil {
		return m.read(ctx, m.DB, m.selecting().Where(m.Table.Where(scope)).OrderBy(store.Quote(m.Table.ID)), found)
	}
	id, key := store.Quote(m.Table.ID), store.Quote(m.Table.Key)
	where := m.Table.Where(scope)
	for {
		var some []loaded
		var records []backend.Row
		err := m.read(ctx, m.DB, m.selecting().Where(where).OrderBy(id, key).Limit(readAhead), func(l loaded) error {
			some, records = append(some, l), append(records, l.rec)
			return nil
		})
		if err == nil {
			err = m.translate(ctx, m.DB, records...)
		}
		for i := 0; err == nil && i < len(some); i++ {
			err = found(some[i])
		}
		if err != nil || len(some) < readAhead {
			return err
		}
		last := some[len(some)-1]
		where = append(m.Table.Where(scope), squirrel.Expr("("+id+", "+key+") > (?, ?)", last.id.Value(), m.key(last.rec).Value()))
	}
}
