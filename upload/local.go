package upload

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// local is a table of the client's database, as it is read.
type local struct {
	db    backend.Store
	name  string
	mark  *marker
	where squirrel.Sqlizer // which rows; nil for all
}

// read marks the rows of a query for the columns, and whatever more it selects.
func (l local) read(ctx context.Context, q store.Querier, query store.SQL, found func(r row) error, more ...any) error {
	raw := make([]any, len(l.mark.shape.Columns))
	dest := make([]any, 0, len(raw)+len(more))
	for i := range raw {
		dest = append(dest, &raw[i])
	}
	dest = append(dest, more...)
	return store.Each(ctx, q, query, func(rows store.Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		for i, n := range l.mark.keyAt {
			what := "no value"
			if b, ok := raw[n].([]byte); ok {
				what = fmt.Sprintf("the bytes x'%x'", b)
			} else if raw[n] != nil {
				continue
			}
			return fmt.Errorf("a row has %s in column %q of its key: keys are integers, texts and UUIDs; give it one, or leave the table out", what, l.mark.shape.Key[i])
		}
		values := make([]any, len(raw))
		for i, v := range raw {
			values[i], _ = neutral(l.mark.shape.Columns[i].Kind, v)
		}
		return found(l.mark.mark(values))
	})
}

// all reads the whole table in one snapshot.
func (l local) all(ctx context.Context, q store.Querier, found func(r row) error) error {
	query := squirrel.Select(l.mark.shape.selected("")...).From(store.Quote(l.name))
	if l.where != nil {
		query = query.Where(l.where)
	}
	return l.read(ctx, q, query, found)
}

// byKeys reads the rows that have one of the keys, by their index.
func (l local) byKeys(ctx context.Context, q backend.Querier, keys []string) ([]row, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	list := "[" + strings.Join(keys, ",") + "]"
	match := make([]string, len(l.mark.keyAt))
	var query store.SQL
	columns := strings.Join(l.mark.shape.selected("t."), ", ")
	if q.Dialect().Schemas() {
		for i, n := range l.mark.keyAt {
			match[i] = "t." + store.Quote(l.mark.shape.Key[i]) + " = CAST(k.value ->> " + strconv.Itoa(i) + " AS " + l.mark.shape.Columns[n].dbType + ")"
		}
		// LATERAL with OFFSET leaves no other way than the index.
		query = squirrel.Expr("SELECT r.* FROM json_array_elements(CAST(CAST(? AS text) AS json)) AS k(value) CROSS JOIN LATERAL (SELECT "+columns+
			" FROM "+store.Quote(l.name)+" AS t WHERE "+strings.Join(match, " AND ")+" OFFSET 0) AS r", list)
	} else {
		for i := range l.mark.keyAt {
			match[i] = "t." + store.Quote(l.mark.shape.Key[i]) + " = json_extract(k.value, '$[" + strconv.Itoa(i) + "]')"
		}
		query = squirrel.Expr("SELECT "+columns+" FROM json_each(?) AS k CROSS JOIN "+store.Quote(l.name)+" AS t WHERE "+strings.Join(match, " AND "), list)
	}
	rows := make([]row, 0, len(keys))
	return rows, l.read(ctx, q, query, func(r row) error {
		rows = append(rows, r)
		return nil
	})
}

// count counts the rows, and reports whether all that triggers saw change at that moment is
// noted.
func (l local) count(ctx context.Context, q store.Querier) (n int64, noted bool, err error) {
	dirty := squirrel.Expr("NOT EXISTS (SELECT 1 FROM {synced_upload_dirty} WHERE table_name = ?)", l.name)
	_, err = store.One(ctx, q, squirrel.Select("count(*)").Column(dirty).From(store.Quote(l.name)), &n, &noted)
	return n, noted, err
}

// after reads the next rows whose column has a greater value than the last ones, and how
// far that is. Of rows with the same value the key decides.
func (l local) after(ctx context.Context, q backend.Querier, by string, to notedTo, most uint64) (rows []row, reached notedTo, err error) {
	n := l.mark.shape.index(by)
	if n < 0 {
		return nil, to, fmt.Errorf("there is no column %q, among those that are uploaded, to order changes by", by)
	}
	quoted := store.Quote(by)
	order := append([]string{quoted}, quotedList(l.mark.shape.Key)...)
	value := quoted
	if q.Dialect().Schemas() {
		value = "CAST(" + quoted + " AS text) AS synced_value"
	} else {
		value += " || ''" // as it is kept: SQLite compares times as texts
	}
	query := squirrel.Select(append(l.mark.shape.selected(""), value)...).From(store.Quote(l.name)).
		Where(quoted + " IS NOT NULL").OrderBy(order...).Limit(most)
	if to.Value != "" {
		where, args, err := l.beyond(q, n, order, to)
		if err != nil {
			return nil, to, err
		}
		query = query.Where(squirrel.Expr(where, args...))
	}
	reached = to
	var text string
	err = l.read(ctx, q, query, func(r row) error {
		rows = append(rows, r)
		reached.Value, reached.Key = text, json.RawMessage(r.key)
		return nil
	}, &text)
	return rows, reached, err
}

// beyond is the condition for rows after a position, and from its value on where it has no key.
func (l local) beyond(q backend.Querier, by int, order []string, to notedTo) (string, []any, error) {
	operator, args := " > ", []any{to.Value}
	if to.Key == nil {
		operator, order = " >= ", order[:1]
	} else {
		key, err := l.mark.shape.parseKey(string(to.Key))
		if err != nil {
			return "", nil, err
		}
		args = append(args, key...)
	}
	types := []string{l.mark.shape.Columns[by].dbType}
	for _, n := range l.mark.keyAt {
		types = append(types, l.mark.shape.Columns[n].dbType)
	}
	marks := make([]string, len(args))
	for i := range args {
		marks[i] = "?"
		if q.Dialect().Schemas() {
			args[i], marks[i] = fmt.Sprint(args[i]), "CAST(CAST(? AS text) AS "+types[i]+")"
		}
	}
	return "(" + strings.Join(order, ", ") + ")" + operator + "(" + strings.Join(marks, ", ") + ")", args, nil
}

func quotedList(names []string) []string {
	list := slices.Clone(names)
	for i, name := range list {
		list[i] = store.Quote(name)
	}
	return list
}
