package declare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// planTranslations adds the table of translations to the planned table, where a
// field is translated.
func (p *planned) planTranslations() error {
	columns, fields := p.plan.Translated()
	if len(columns) == 0 {
		if p.TranslationTable != "" {
			return fmt.Errorf("TranslationTable is %q, but no field is translated: tag one with `synced:\"translated\"`, or leave it out", p.TranslationTable)
		}
		return nil
	}
	name := p.TranslationTable
	if name == "" {
		name = p.Table + "_translations"
	}
	switch {
	case keyColumn(&p.table) < 0:
		return fmt.Errorf("field %s: it is translated, but rows have no local key for their translations to point to: add ID int64 `db:\"id\"`", fields[0])
	case !names(name), name == p.Table:
		return fmt.Errorf("TranslationTable %q is no table of its own: name another, or leave it out", name)
	}
	p.table = keyed(p.table)
	p.table.Translations = &backend.Translations{Name: name, Parent: p.TranslationParent, Locale: p.TranslationLocale, ParentKind: p.table.KeyKind, Columns: columns}
	for _, key := range []string{p.table.Translations.ParentColumn(), p.table.Translations.LocaleColumn()} {
		if i := slices.Index(columns, key); i >= 0 {
			return fmt.Errorf("field %s: column %q of its translations tells which row or locale they are of: name another", fields[i], key)
		}
	}
	return nil
}

// translations returns the table of translations, with what the database says of
// it, or nil where no field is translated.
func (b *binding) translations() (*backend.Translations, error) {
	t := b.table.Translations
	if t == nil {
		return nil, nil
	}
	_, fields := b.plan.Translated()
	if len(b.texts.Columns) == 0 {
		return nil, fmt.Errorf("field %s: the database has no table %q for its translations: create it, Synced.Schema has the DDL", fields[0], t.Name)
	}
	bound := *t
	parent, err := b.translationKey(t.ParentColumn())
	if err != nil {
		return nil, err
	}
	locale, err := b.translationKey(t.LocaleColumn())
	if err != nil {
		return nil, err
	}
	kind := kindOfColumn(parent.Type)
	if b.texts.Strict && (kind == backend.Int) != (b.table.KeyKind == backend.Int) {
		return nil, fmt.Errorf("column %q of table %q is of type %s, but the local key is %s", parent.Name, t.Name, parent.Type, kindName(b.table.KeyKind))
	}
	if b.texts.Strict && kind != 0 {
		bound.ParentKind = kind
	}
	if err := b.checkText(locale); err != nil {
		return nil, err
	}
	bound.Types = []string{parent.Type, locale.Type}
	for i, name := range t.Columns {
		c, err := b.translatedColumn(name)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", fields[i], err)
		}
		bound.Types = append(bound.Types, c.Type)
	}
	b.bindTranslationTimes(&bound)
	bound.Journaled = b.texts.Journaled()
	b.plan.BindTranslations(b.texts, locale.Name)
	return &bound, b.checkTranslationRows()
}

// bindTranslationTimes finds the columns for the times of writes, which a table of
// translations may have as well.
func (b *binding) bindTranslationTimes(t *backend.Translations) {
	for name, column := range map[string]*backend.TimeColumn{b.Touch: &t.Touch, b.Created: &t.Created} {
		if c, ok := b.texts.Column(name); ok && name != "" && (!b.texts.Strict || isTime(c.Type)) {
			*column = backend.TimeColumn{Name: name, Type: c.Type}
		}
	}
}

// translationKey finds a column that each table of translations has.
func (b *binding) translationKey(name string) (backend.DescribedColumn, error) {
	c, ok := b.texts.Column(name)
	if !ok {
		return c, fmt.Errorf("the table %q of translations has no column %q: add it, Synced.Schema has the DDL", b.table.Translations.Name, name)
	}
	return c, nil
}

// translatedColumn finds the column of a translated field, which holds texts.
func (b *binding) translatedColumn(name string) (backend.DescribedColumn, error) {
	table := b.table.Translations.Name
	c, ok := b.texts.Column(name)
	switch {
	case !ok:
		return c, fmt.Errorf("the table %q has no column %q: ALTER TABLE %s ADD COLUMN %s text", table, name, store.Quote(table), store.Quote(name))
	case c.NotNull:
		return c, fmt.Errorf("column %q of table %q is null where a locale has no text, but the column is NOT NULL: allow null", name, table)
	}
	return c, b.checkText(c)
}

// checkText finds columns that do not hold any text.
func (b *binding) checkText(c backend.DescribedColumn) error {
	if b.texts.Strict && (kindOfColumn(c.Type) != backend.Text || c.Type == "bpchar") {
		return fmt.Errorf("column %q of table %q is of type %s, which does not hold any text: make it text", c.Name, b.table.Translations.Name, c.Type)
	}
	return nil
}

// checkTranslationRows finds what keeps translations from being written: they need
// one row per row and locale, and nothing else in it that must be given.
func (b *binding) checkTranslationRows() error {
	t, key := b.table.Translations, []string{b.table.Translations.ParentColumn(), b.table.Translations.LocaleColumn()}
	if !slices.ContainsFunc(b.texts.Unique, func(columns []string) bool {
		return len(columns) == 2 && slices.Contains(columns, key[0]) && slices.Contains(columns, key[1])
	}) {
		return fmt.Errorf("the table %q has no unique index on (%s): CREATE UNIQUE INDEX ON %s (%[2]s)", t.Name, strings.Join(key, ", "), store.Quote(t.Name))
	}
	for _, c := range b.texts.Columns {
		if c.NotNull && !c.HasDefault && !slices.Contains(key, c.Name) && c.Name != b.Touch && c.Name != b.Created && !slices.Contains(t.Columns, c.Name) {
			return fmt.Errorf("column %q of table %q is NOT NULL without a default, and no translation fills it: give it a default", c.Name, t.Name)
		}
	}
	return nil
}
