package synced

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/store"
)

// Translations is a text in several languages, by locale.
//
// A field of this type with `json:"headline" db:"headline"` is a JSON column. With
// `synced:"translated"` beside them, its texts are rows of a table of their own,
// <table>_translations: one row per row of the model and locale, with the columns
// parent_id (the local key of the row), locale, and one for each translated field,
// named by its db tag. A locale that the remote drops stays there as null.
//
// Such a table belongs to the runs: each run writes what differs from the objects
// that it lists, also where nothing else of a row changed. [Model.Find] and
// [Model.All] fill the fields from it, with a nil for a text that is null there.
// Changes have them too, but a change of translations alone is none of the row.
type Translations = mapper.Translations

// planTranslations adds the table of translations to a model's, where a field is
// translated.
func (s *declared) planTranslations(plan *plan.Plan, table *backend.Table) error {
	columns, fields := plan.Translated()
	if len(columns) == 0 {
		if s.TranslationTable != "" {
			return fmt.Errorf("TranslationTable is %q, but no field is translated: tag one with `synced:\"translated\"`, or leave it out", s.TranslationTable)
		}
		return nil
	}
	key := keyColumn(table)
	name := s.TranslationTable
	if name == "" {
		name = s.Table + "_translations"
	}
	switch {
	case key < 0:
		return fmt.Errorf("field %s: it is translated, but rows have no local key for their translations to point to: add ID int64 `db:\"id\"`", fields[0])
	case strings.Trim(name, ". ") == "", name == s.Table:
		return fmt.Errorf("TranslationTable %q is no table of its own: name another, or leave it out", name)
	}
	table.Key, table.KeyKind = table.Columns[key].Name, kindOfType(table.Columns[key].Type)
	table.Translations = &backend.Translations{Name: name, ParentKind: table.KeyKind, Columns: columns}
	return nil
}

// bindTranslations compares the table of translations with the declaration.
func (s *declared) bindTranslations(ctx context.Context, db backend.Store, plan *plan.Plan, table *backend.Table) error {
	t := table.Translations
	if t == nil {
		return nil
	}
	found, err := db.Describe(ctx, t.Name)
	if err != nil {
		return fmt.Errorf("read the columns of table %q: %w", t.Name, err)
	}
	_, fields := plan.Translated()
	if len(found.Columns) == 0 {
		return fmt.Errorf("field %s: the database has no table %q for its translations: create it, Synced.Schema has the DDL", fields[0], t.Name)
	}
	bound := *t
	for i, name := range append([]string{backend.TranslationParent, backend.TranslationLocale}, t.Columns...) {
		c, ok := found.Column(name)
		if !ok && i < 2 {
			return fmt.Errorf("the table %q of translations has no column %q: add it, Synced.Schema has the DDL", t.Name, name)
		}
		if err := checkTextColumn(t.Name, name, c, ok, found.Strict, table.KeyKind, i); err != nil {
			if i >= 2 {
				err = fmt.Errorf("field %s: %w", fields[i-2], err)
			}
			return err
		}
		bound.Types = append(bound.Types, c.Type)
	}
	if parent := kindOfColumn(bound.Types[0]); found.Strict && parent != 0 {
		bound.ParentKind = parent
	}
	table.Translations = &bound
	return checkTranslationRows(&bound, found)
}

// checkTextColumn says whether a column of a table of translations holds what it
// is for: the first a key, the second a locale, and the others texts.
func checkTextColumn(table, name string, c backend.DescribedColumn, ok, strict bool, key backend.Kind, i int) error {
	kind := kindOfColumn(c.Type)
	switch {
	case !ok:
		return fmt.Errorf("the table %q has no column %q: ALTER TABLE %s ADD COLUMN %s text", table, name, store.Quote(table), store.Quote(name))
	case i >= 2 && c.NotNull:
		return fmt.Errorf("column %q of table %q is null where a locale has no text, but the column is NOT NULL: allow null", name, table)
	case strict && i > 0 && (kind != backend.Text || c.Type == "bpchar"):
		return fmt.Errorf("column %q of table %q is of type %s, which does not hold any text: make it text", name, table, c.Type)
	case strict && i == 0 && (kind == backend.Int) != (key == backend.Int):
		return fmt.Errorf("column %q of table %q is of type %s, but the local key is %s", name, table, c.Type, kindName(key))
	}
	return nil
}

// checkTranslationRows says whether translations can be written: one row per row
// and locale, and nothing else in it that must be given.
func checkTranslationRows(t *backend.Translations, found backend.Description) error {
	key := []string{backend.TranslationParent, backend.TranslationLocale}
	if !slices.ContainsFunc(found.Unique, func(columns []string) bool {
		return len(columns) == 2 && slices.Contains(columns, key[0]) && slices.Contains(columns, key[1])
	}) {
		return fmt.Errorf("the table %q has no unique index on (%s): CREATE UNIQUE INDEX ON %s (%[2]s)", t.Name, strings.Join(key, ", "), store.Quote(t.Name))
	}
	for _, c := range found.Columns {
		if c.NotNull && !c.HasDefault && !slices.Contains(key, c.Name) && !slices.Contains(t.Columns, c.Name) {
			return fmt.Errorf("column %q of table %q is NOT NULL without a default, and no translation fills it: give it a default", c.Name, t.Name)
		}
	}
	return nil
}

// checkTranslationTable finds a schema's name where the database has none.
func (s *declared) checkTranslationTable(dialect backend.Dialect) error {
	if !dialect.Schemas() && strings.Contains(s.TranslationTable, ".") {
		return errors.New("the TranslationTable names a schema, which SQLite does not have: name the table alone")
	}
	return nil
}
