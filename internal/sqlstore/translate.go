package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Translate implements [backend.Tx]: one statement for as many rows as it holds.
func (s Session) Translate(ctx context.Context, t *backend.Table, rows []backend.Translation) error {
	slices.SortFunc(rows, func(a, b backend.Translation) int { // as in insert
		return cmp.Or(compare(a.Parent, b.Parent), strings.Compare(a.Locale, b.Locale))
	})
	columns := make([]writtenColumn, len(t.Translations.Types))
	for c, name := range append([]string{backend.TranslationParent, backend.TranslationLocale}, t.Translations.Columns...) {
		columns[c] = writtenColumn{name: store.Quote(name), kind: SourceColumn{Name: name, Type: backend.TypeText, DBType: t.Translations.Types[c]}}
	}
	columns[0].kind.Type = backend.TypeOf(t.Translations.ParentKind)
	columns[0].value = func(row int) any { return rows[row].Parent.Value() }
	columns[1].value = func(row int) any { return rows[row].Locale }
	var set []string
	for c := range t.Translations.Columns {
		columns[c+2].value = func(row int) any { return rows[row].Texts[c] }
		set = append(set, columns[c+2].name+" = excluded."+columns[c+2].name)
	}
	which := make([]int, len(rows))
	for i := range which {
		which[i] = i
	}
	w := &writer{Session: s}
	return w.inBatches(which, columns, func(names []string, list squirrel.Sqlizer) error {
		_, err := s.Exec(ctx, squirrel.Expr(with(len(names))+" INSERT INTO "+store.Quote(t.Translations.Name)+" ("+join(names)+") SELECT "+
			join(aliases(len(names)))+" FROM "+source+" WHERE true ON CONFLICT ("+join(names[:2])+") DO UPDATE SET "+join(set), list))
		return err
	})
}

// createTranslations is the DDL of a table's translations, where it has any. They
// go with the row that they belong to.
func createTranslations(t *backend.Table, typeOf func(backend.Column) string) string {
	if t.Translations == nil {
		return ""
	}
	parent, locale := store.Quote(backend.TranslationParent), store.Quote(backend.TranslationLocale)
	text := typeOf(backend.Column{Type: backend.TypeText})
	lines := []string{
		parent + " " + typeOf(backend.Column{Type: backend.TypeOf(t.Translations.ParentKind)}) + " NOT NULL REFERENCES " + store.Quote(t.Name) + " (" + store.Quote(t.Key) + ") ON DELETE CASCADE",
		locale + " " + text + " NOT NULL",
	}
	for _, name := range t.Translations.Columns {
		lines = append(lines, store.Quote(name)+" "+text)
	}
	lines = append(lines, "PRIMARY KEY ("+parent+", "+locale+")")
	return "CREATE TABLE IF NOT EXISTS " + store.Quote(t.Translations.Name) + " (\n\t" + strings.Join(lines, ",\n\t") + "\n);\n"
}
