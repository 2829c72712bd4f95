package sqlite

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"
	"github.com/ncruces/go-sqlite3"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

var _ sqlstore.Refuser = conn{}

// Refused reports whether an error is of a value.
func (c conn) Refused(err error) bool { return refused(err) }

func refused(err error) bool {
	return errors.Is(err, sqlite3.CONSTRAINT) || errors.Is(err, sqlite3.MISMATCH) || errors.Is(err, sqlite3.TOOBIG)
}

// Taken goes by the columns that the message names, or the index.
func (dialect) Taken(err error, table string) bool {
	return errors.Is(err, sqlite3.CONSTRAINT_UNIQUE) && (strings.Contains(err.Error(), failed+table+".") || strings.Contains(err.Error(), failed+"index '"))
}

// Hides reports false: SQLite shows all rows.
func (conn) Hides(context.Context, string) (bool, error) { return false, nil }

// AtFault goes by the columns that the message names, itself or in the condition of
// the constraint, and by foreign keys that hold no row.
func (c conn) AtFault(ctx context.Context, table string, values map[string]any, err error) ([]string, error) {
	if errors.Is(err, sqlite3.CONSTRAINT_FOREIGNKEY) {
		return c.dangling(ctx, table, values)
	}
	about := err.Error()
	if at := strings.LastIndex(about, failed); at >= 0 {
		about = about[at+len(failed):]
	}
	if errors.Is(err, sqlite3.CONSTRAINT_CHECK) {
		if condition, err := c.condition(ctx, table, about); err != nil || condition != "" {
			return named(condition, values), err
		}
	}
	return named(about, values), nil
}

// failed stands before what an error is about.
const failed = "constraint failed: "

// named returns the columns that a text names.
func named(text string, values map[string]any) []string {
	var names []string
	for name := range values {
		if regexp.MustCompile(`(^|[^\w])` + regexp.QuoteMeta(name) + `($|[^\w])`).MatchString(text) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// condition returns the condition of a named constraint.
func (c conn) condition(ctx context.Context, table, name string) (string, error) {
	name, _, _ = strings.Cut(name, " (")
	found := ""
	err := c.each(ctx, squirrel.Select("sql").From("sqlite_schema").Where("type = 'table' AND name = ? COLLATE NOCASE", table), func(rows store.Rows) error {
		var sql string
		if err := rows.Scan(&sql); err != nil {
			return err
		}
		if at := regexp.MustCompile(`(?is)constraint\s+["\[]?` + regexp.QuoteMeta(name) + `["\]]?\s+check\s*\(`).FindStringIndex(sql); at != nil {
			found = inParentheses(sql[at[1]:])
		}
		return nil
	})
	return found, err
}

// inParentheses returns a text up to the parenthesis that closes it.
func inParentheses(text string) string {
	open := 1
	for i, r := range text {
		switch r {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return text[:i]
			}
		}
	}
	return text
}

// dangling returns the columns of foreign keys whose values no row has.
func (c conn) dangling(ctx context.Context, table string, values map[string]any) ([]string, error) {
	type key struct{ from, table, to string }
	var keys []key
	err := c.each(ctx, squirrel.Expr(`SELECT "from", "table", coalesce("to", (SELECT name FROM pragma_table_info("table") WHERE pk = 1)) FROM pragma_foreign_key_list(?)`, table), func(rows store.Rows) error {
		var k key
		err := rows.Scan(&k.from, &k.table, &k.to)
		keys = append(keys, k)
		return err
	})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, k := range keys {
		v, given := values[k.from]
		if !given || v == nil {
			continue
		}
		exists := false
		err := c.each(ctx, squirrel.Expr(fmt.Sprintf("SELECT 1 FROM %s WHERE %s = ? LIMIT 1", store.Quote(k.table), store.Quote(k.to)), v), func(store.Rows) error {
			exists = true
			return nil
		})
		if err != nil {
			return nil, err
		}
		if !exists {
			names = append(names, k.from)
		}
	}
	return names, nil
}

func (c conn) each(ctx context.Context, query store.SQL, row func(store.Rows) error) error {
	return store.Each(ctx, sqlstore.NewSession(c, dialect{}), query, row)
}
