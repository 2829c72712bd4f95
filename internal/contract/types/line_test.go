package types_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// line is one line of the table of types: a Go type, and the columns that keep it.
type line struct {
	goType   string   // as the page has it
	values   []string // JSON; the first two differ
	postgres []string
	sqlite   []string
	keeps    func(t *testing.T, b *harness.Bundle, table string, columns, values []string)
}

// mostColumns is how many columns a line's row has.
const mostColumns = 6

// row is a row whose columns are of one Go type.
type row[V any] struct {
	SyncedID int64 `json:"id" db:"synced_id"`
	A        V     `json:"a" db:"a"`
	B        V     `json:"b" db:"b"`
	C        V     `json:"c" db:"c"`
	D        V     `json:"d" db:"d"`
	E        V     `json:"e" db:"e"`
	F        V     `json:"f" db:"f"`
}

// of makes the line of a Go type.
func of[V any](goType string, values ...string) line {
	return line{goType: goType, values: values, keeps: keeps[row[V]]}
}

// spelled makes the line of a row whose fields have tags.
func spelled[R any](goType string, values ...string) line {
	return line{goType: goType, values: values, keeps: keeps[R]}
}

func (l line) on(postgres, sqlite string) line {
	l.postgres, l.sqlite = strings.Split(postgres, ", "), strings.Split(sqlite, ", ")
	return l
}

// rows is how many rows are enough for a COPY.
const rows = 24

// served lists objects, which have the values in turn.
func served(values []string) remote.API {
	return remote.Seq(func(context.Context, remote.Request) iter.Seq2[json.RawMessage, error] {
		return func(yield func(json.RawMessage, error) bool) {
			for n := range rows {
				object := fmt.Sprintf(`{"id":%d`, n+1)
				for c := range mostColumns {
					object += fmt.Sprintf(`,"%c":%s`, 'a'+c, values[n%len(values)])
				}
				if !yield(json.RawMessage(object+"}"), nil) {
					return
				}
			}
		}
	})
}

// keeps tries a line on a store: the first run writes all, others nothing, and what
// somebody else changes is found and mended. Without columns, the table is as Schema makes it.
func keeps[R any](t *testing.T, b *harness.Bundle, table string, columns, values []string) {
	t.Helper()
	ctx := context.Background()
	ddl, texts, edit := "", "", ""
	for c := range mostColumns {
		name := string(rune('a' + c))
		if columns != nil {
			ddl += fmt.Sprintf(", %s %s", name, columns[min(c, len(columns)-1)])
		}
		texts += fmt.Sprintf(" || '|' || coalesce(CAST(%s AS text), 'null')", name)
		edit += fmt.Sprintf(", %[1]s = (SELECT %[1]s FROM %[2]s WHERE synced_id = 2)", name, table)
	}
	stored := func() []string { return b.Column(t, "SELECT ''"+texts+" FROM "+table+" ORDER BY synced_id") }
	d := synced.Synced[R]{Table: table, API: served(values), Strategy: strategy.Full{}}
	if columns == nil {
		require.NoError(t, d.CreateTable(ctx, b.DB))
	} else {
		b.Execute(t, "CREATE TABLE "+table+" (synced_id bigint UNIQUE"+ddl+", synced_hash bigint)")
		require.NoError(t, b.DB.Create(ctx, harness.Bind(t, b, d).Schema()))
	}
	m := harness.Bind(t, b, d)
	require.Equal(t, harness.Counts{Created: rows}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
	first := stored()
	require.NotEqual(t, first[0], first[1])
	require.Equal(t, harness.Counts{Unchanged: rows}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
	passes := func(m *synced.Model[R]) {
		diff, err := m.Check(ctx, synced.NoScope)
		require.NoError(t, err)
		require.True(t, diff.Passed(), "%s", diff)
	}
	passes(m)

	b.Execute(t, "DELETE FROM "+table+" WHERE synced_id = 3")
	b.Execute(t, "UPDATE "+table+" SET "+edit[2:]+" WHERE synced_id = 1")
	diff, err := m.Check(ctx, synced.NoScope)
	require.NoError(t, err)
	require.Len(t, diff.Missing, 1)
	require.Len(t, diff.Changed, 1)
	require.Len(t, diff.Changed[0].Fields, mostColumns, "%s", diff)
	require.Equal(t, harness.Counts{Created: 1, Updated: 1, Unchanged: rows - 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
	require.Equal(t, first, stored())

	d.MapVersion = 1 // so that rows are compared by their columns
	m = harness.Bind(t, b, d)
	require.Equal(t, harness.Counts{Unchanged: rows}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
	passes(m)
	require.Equal(t, first, stored())
}

func TestContract_C128_EachTypeOnEachColumn(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		if b.Pool != nil {
			b.Execute(t, "CREATE EXTENSION citext")
			b.Execute(t, "CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad')")
			b.Execute(t, "CREATE DOMAIN code AS varchar(12) CHECK (VALUE <> '')")
			b.Execute(t, "CREATE DOMAIN price AS numeric(8,2)")
		}
		for i, l := range lines() {
			columns := l.sqlite
			if b.Pool != nil {
				columns = l.postgres
			}
			if columns[0] == "" {
				continue
			}
			if _, other, _ := strings.Cut(l.goType, ","); other == "" { // a column of a string that holds something else is the service's to choose
				t.Run(strings.ReplaceAll(l.goType, "`", "")+" as Schema has it", func(t *testing.T) {
					l.keeps(t, b, fmt.Sprintf("t%d", i), nil, l.values)
				})
			}
			for n, some := range slices.Collect(slices.Chunk(columns, mostColumns)) {
				t.Run(strings.ReplaceAll(l.goType, "`", "")+" on "+strings.Join(some, ", "), func(t *testing.T) {
					l.keeps(t, b, fmt.Sprintf("t%d_%d", i, n), some, l.values)
				})
			}
		}
	})
}

// page has the table.
const page = "../../../docs/types.md"

// The page has exactly the lines that are tested.
func TestContract_C128_ThePageHasEachCell(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	for _, l := range lines() {
		cell := func(columns []string) string {
			if columns[0] == "" {
				return "–"
			}
			return strings.Join(columns, ", ")
		}
		fmt.Fprintf(&table, "| %s | `%s` | %s | %s |\n", l.goType, strings.Join(l.values, "` `"), cell(l.postgres), cell(l.sqlite))
	}
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(text), "|---|---|---|---|\n"+table.String(), "%s should have these lines:\n%s", page, table.String())
}
