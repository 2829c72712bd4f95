package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Translate implements [backend.Tx]: new rows as an [Inserter] does, and else one statement
// for as many rows as it can carry.
func (s Session) Translate(ctx context.Context, t *backend.Table, rows []backend.Translation) error {
	slices.SortFunc(rows, func(a, b backend.Translation) int { // as in insert
		return cmp.Or(a.Parent.Compare(b.Parent), strings.Compare(a.Locale, b.Locale))
	})
	columns := translationColumns(t.Translations, rows)
	var set []string
	at := backend.Moment(time.Now())
	if c := t.Translations.Touch; c.Name != "" {
		columns = append(columns, constant(c.Name, backend.TypeTime, c.Type, at))
	}
	for _, c := range columns[2:] {
		set = append(set, c.quoted+" = excluded."+c.quoted)
	}
	if c := t.Translations.Created; c.Name != "" {
		columns = append(columns, constant(c.Name, backend.TypeTime, c.Type, at))
	}
	var fresh, which []int
	for i, r := range rows {
		if r.New {
			fresh = append(fresh, i)
		} else {
			which = append(which, i)
		}
	}
	return backend.AsRun(ctx, s, t.Translations.Journaled, func() error {
		done, err := insertTranslations(ctx, s, t.Translations.Name, columns, fresh)
		if err != nil {
			return err
		}
		if !done {
			which = append(which, fresh...)
			slices.Sort(which)
		}
		return s.inBatches(which, columns, func(names []string, list squirrel.Sqlizer) error {
			_, err := s.Exec(ctx, squirrel.Expr(with(len(names))+
				" INSERT INTO "+store.Quote(t.Translations.Name)+" ("+join(names)+")"+
				" SELECT "+join(aliases(len(names)))+" FROM "+source+" WHERE true"+
				" ON CONFLICT ("+join(names[:2])+") DO UPDATE SET "+join(set), list))
			return err
		})
	})
}

// insertTranslations inserts rows that were not there a moment ago, and reports whether it
// did: not where one is there, or in the way that the database has for single rows.
func insertTranslations(ctx context.Context, s Session, table string, columns []writtenColumn, which []int) (bool, error) {
	conn, ok := s.conn.(Inserter)
	if !ok || len(which) == 0 {
		return false, nil
	}
	rows := Insertion{
		Table: table, Rows: len(which), AsSet: true, Columns: make([]SourceColumn, len(columns)),
		Value:   func(row, column int) any { return columns[column].value(which[row]) },
		Refused: func(int, error) bool { return false },
	}
	for i, c := range columns {
		rows.Columns[i] = c.SourceColumn
	}
	done, err := conn.Insert(ctx, rows)
	return err == nil && done != nil && !slices.Contains(done, false), err
}

// translationColumns lists the columns of a table of translations: the parent, the
// locale, and the texts.
func translationColumns(t *backend.Translations, rows []backend.Translation) []writtenColumn {
	columns := []writtenColumn{
		{
			SourceColumn: SourceColumn{Name: t.ParentColumn(), Type: backend.TypeOf(t.ParentKind)},
			value:        func(row int) any { return rows[row].Parent.Value() },
		}, {
			SourceColumn: SourceColumn{Name: t.LocaleColumn(), Type: backend.TypeText},
			value:        func(row int) any { return &rows[row].Locale },
		},
	}
	for i, name := range t.Columns {
		columns = append(columns, writtenColumn{
			SourceColumn: SourceColumn{Name: name, Type: backend.TypeText},
			value:        func(row int) any { return rows[row].Texts[i] },
		})
	}
	for i := range columns {
		columns[i].DBType, columns[i].quoted = t.Types[i], store.Quote(columns[i].Name)
	}
	return columns
}

// createTranslations returns the DDL of a table's translations, "" where it has
// none. They are deleted with the row that they belong to.
func createTranslations(t *backend.Table, typeOf func(backend.Column) string) string {
	if t.Translations == nil {
		return ""
	}
	parent, locale := store.Quote(t.Translations.ParentColumn()), store.Quote(t.Translations.LocaleColumn())
	key := typeOf(backend.Column{Type: backend.TypeOf(t.Translations.ParentKind)})
	text := typeOf(backend.Column{Type: backend.TypeText})
	lines := []string{
		parent + " " + key + " NOT NULL REFERENCES " + store.Quote(t.Name) + " (" + store.Quote(t.Key) + ") ON DELETE CASCADE",
		locale + " " + text + " NOT NULL",
	}
	for _, name := range t.Translations.Columns {
		lines = append(lines, store.Quote(name)+" "+text)
	}
	lines = append(lines, "PRIMARY KEY ("+parent+", "+locale+")")
	return "CREATE TABLE IF NOT EXISTS " + store.Quote(t.Translations.Name) + " (\n\t" + strings.Join(lines, ",\n\t") + "\n);\n"
}
