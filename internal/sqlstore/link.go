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

// Link implements [backend.Tx]: one statement for as many links as it can carry.
func (s Session) Link(ctx context.Context, t *backend.Links, links []backend.Link) (int64, error) {
	return eachLink(ctx, s, t, links, func(columns []string) string {
		return " INSERT INTO " + store.Quote(t.Name) + " (" + join(columns) + ")" +
			" SELECT " + join(aliases(2)) + " FROM " + source + " WHERE true ON CONFLICT DO NOTHING"
	})
}

// Unlink implements [backend.Tx].
func (s Session) Unlink(ctx context.Context, t *backend.Links, links []backend.Link) (int64, error) {
	return eachLink(ctx, s, t, links, func(columns []string) string {
		return " DELETE FROM " + store.Quote(t.Name) + " WHERE (" + join(columns) + ") IN (SELECT " + join(aliases(2)) + " FROM " + source + ")"
	})
}

// eachLink runs a statement on links, in their order, so that two that write the same
// ones wait for each other.
func eachLink(ctx context.Context, s Session, t *backend.Links, links []backend.Link, statement func(columns []string) string) (int64, error) {
	slices.SortFunc(links, func(a, b backend.Link) int {
		return cmp.Or(a.Parent.Compare(b.Parent), a.Child.Compare(b.Child))
	})
	column := func(c backend.LinkColumn, value func(row int) any) writtenColumn {
		return writtenColumn{SourceColumn: SourceColumn{Name: c.Name, Type: backend.TypeOf(c.Kind), DBType: c.Type}, quoted: store.Quote(c.Name), value: value}
	}
	columns := []writtenColumn{
		column(t.Parent, func(row int) any { return links[row].Parent.Value() }),
		column(t.Child, func(row int) any { return links[row].Child.Value() }),
	}
	which := make([]int, len(links))
	for i := range which {
		which[i] = i
	}
	var changed int64
	err := backend.AsRun(ctx, s, t.Journaled, func() error {
		return s.inBatches(which, columns, func(names []string, list squirrel.Sqlizer) error {
			n, err := s.Exec(ctx, squirrel.Expr(with(len(names))+statement(names), list))
			changed += n
			return err
		})
	})
	return changed, err
}

// createLinks returns the DDL of the tables that tie a table's rows to children that
// they share. A link is deleted with either of its rows.
func createLinks(t *backend.Table, typeOf func(backend.Column) string) string {
	var ddl strings.Builder
	for _, l := range t.Links {
		var names, lines []string
		for _, c := range []backend.LinkColumn{l.Parent, l.Child} {
			names = append(names, store.Quote(c.Name))
			lines = append(lines, "\t"+store.Quote(c.Name)+" "+typeOf(backend.Column{Type: backend.TypeOf(c.Kind)})+
				" NOT NULL REFERENCES "+store.Quote(c.Table)+" ("+store.Quote(c.Key)+") ON DELETE CASCADE")
		}
		lines = append(lines, "\tPRIMARY KEY ("+join(names)+")")
		index := store.Quote(l.Name[strings.LastIndex(l.Name, ".")+1:] + "_" + l.Child.Name)
		ddl.WriteString("CREATE TABLE IF NOT EXISTS " + store.Quote(l.Name) + " (\n" + strings.Join(lines, ",\n") + "\n);\n" +
			"CREATE INDEX IF NOT EXISTS " + index + " ON " + store.Quote(l.Name) + " (" + names[1] + ");\n")
	}
	return ddl.String()
}
