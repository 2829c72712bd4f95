package peer

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
)

// insert inserts a row, and returns its key.
func (m *model) insert(ctx context.Context, tx store.Tx, row journal.Row) ([]string, error) {
	columns, values, err := m.parameters(row)
	if err != nil {
		return nil, err
	}
	sql, returning := "INSERT INTO "+store.Quote(m.Table), make([]string, len(m.key))
	for i, column := range m.key {
		returning[i] = "CAST(" + store.Quote(column) + " AS text)"
	}
	switch {
	case len(columns) == 0:
		sql += " DEFAULT VALUES"
	default:
		sql += " (" + strings.Join(columns, ", ") + ")" + m.overriding(row) + " VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ")"
	}
	key := make([]string, len(m.key))
	dest := make([]any, len(key))
	for i := range key {
		dest[i] = &key[i]
	}
	_, err = store.One(ctx, tx, squirrel.Expr(sql+" RETURNING "+strings.Join(returning, ", "), values...), dest...)
	return key, err
}

// overriding lets a key be written that PostgreSQL always gives itself.
func (m *model) overriding(row journal.Row) string {
	for _, name := range m.key {
		if c, _ := m.table.Column(name); c.Generated && row[name] != nil {
			return " OVERRIDING SYSTEM VALUE"
		}
	}
	return ""
}

// update writes columns of a row, and reports whether it is there.
func (m *model) update(ctx context.Context, tx store.Tx, key []string, row journal.Row) (bool, error) {
	row = maps.Clone(row)
	for _, column := range m.key {
		delete(row, column)
	}
	columns, values, err := m.parameters(row)
	if err != nil {
		return false, err
	}
	if len(columns) == 0 {
		return m.lock(ctx, tx, key, "")
	}
	statement := squirrel.Update(store.Quote(m.Table)).Where(m.is(key))
	for i, column := range columns {
		statement = statement.Set(column, values[i])
	}
	n, err := tx.Exec(ctx, statement)
	return n > 0, err
}

// remove deletes a row.
func (m *model) remove(ctx context.Context, tx store.Tx, key []string) error {
	_, err := tx.Exec(ctx, squirrel.Delete(store.Quote(m.Table)).Where(m.is(key)))
	return err
}

// lock keeps others from changing a row until the transaction ends, and reports whether the
// row is there. How is that of the dialect.
func (m *model) lock(ctx context.Context, tx store.Tx, key []string, how string) (bool, error) {
	return store.One(ctx, tx, squirrel.Select("1").From(store.Quote(m.Table)).Where(m.is(key)).Suffix(how), nil)
}

// is is the condition that a row has a key.
func (m *model) is(key []string) squirrel.Eq {
	where := squirrel.Eq{}
	for i, column := range m.key {
		c, _ := m.table.Column(column)
		where[store.Quote(column)], _ = parameter(c, m.keyValue(i, key[i])) // a wrong one is of no row
	}
	return where
}

// parameters returns the columns of a row that the table has, quoted and in one order, and
// their values as parameters.
func (m *model) parameters(row journal.Row) (columns []string, values []any, err error) {
	for _, name := range slices.Sorted(maps.Keys(row)) {
		c, has := m.table.Column(name)
		if !has || c.Generated && !slices.Contains(m.key, name) {
			continue
		}
		v, err := parameter(c, row[name])
		if err != nil {
			return nil, nil, fmt.Errorf("column %q: %w", name, err)
		}
		columns, values = append(columns, store.Quote(name)), append(values, v)
	}
	return columns, values, nil
}

// parameter returns a neutral value as a column of a type takes it. PostgreSQL reads texts of
// any type; SQLite keeps what it is given, so it is given what the service would.
func parameter(c backend.DescribedColumn, v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case bool:
		switch {
		case hasType(c, "bool", "json"):
			return v, nil
		case v:
			return "1", nil
		}
		return "0", nil
	case json.Number:
		return number(c, v.String()), nil
	case string:
		switch {
		case hasType(c, "bytea", "blob", "binary"):
			return base64.StdEncoding.DecodeString(v)
		case hasType(c, "timestamp", "datetime"):
			at, err := backend.ParseTime(v)
			return at, err
		}
		return v, nil
	}
	text, err := json.Marshal(v)
	return string(text), err
}

// number returns a number as a column takes it: whole numbers as such, so that SQLite does
// not keep a text in a column of no type.
func number(c backend.DescribedColumn, text string) any {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil && (strings.Contains(c.Base, "int") || c.Base == "") {
		return n
	}
	return text
}
