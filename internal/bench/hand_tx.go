package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// beginner makes what begins the transactions of the hand-written sync.
func beginner(ctx context.Context, db *database, columns []string) (func(context.Context) (pageTx, error), error) {
	if db.pool != nil {
		s := statementsOf(columns, "$")
		return func(ctx context.Context) (pageTx, error) {
			tx, err := db.pool.Begin(ctx)
			return pgTx{tx, s}, err
		}, nil
	}
	s := statementsOf(columns, "?")
	var prepared [3]*sql.Stmt
	for i, query := range []string{s.find, s.insert, s.update} {
		var err error
		if prepared[i], err = db.sql.PrepareContext(ctx, query); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context) (pageTx, error) {
		tx, err := db.sql.BeginTx(ctx, nil)
		if err != nil {
			return nil, err
		}
		return sqlTx{tx, tx.StmtContext(ctx, prepared[0]), tx.StmtContext(ctx, prepared[1]), tx.StmtContext(ctx, prepared[2])}, nil
	}, nil
}

// statements are those of the hand-written sync.
type statements struct{ find, insert, update string }

func statementsOf(columns []string, sign string) statements {
	marks, sets := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		marks[i] = mark(sign, i+1)
		sets[i] = c + " = " + marks[i]
	}
	list := strings.Join(columns, ", ")
	return statements{
		find:   "SELECT id, " + list + " FROM rentals WHERE account_id = " + mark(sign, 1) + " AND synced_id = " + mark(sign, 2),
		insert: "INSERT INTO rentals (" + list + ") VALUES (" + strings.Join(marks, ", ") + ")",
		update: "UPDATE rentals SET " + strings.Join(sets, ", ") + " WHERE id = " + mark(sign, len(columns)+1),
	}
}

// mark is the place of an argument.
func mark(sign string, i int) string {
	if sign == "?" {
		return sign
	}
	return sign + fmt.Sprint(i)
}

// pgTx is that of PostgreSQL. pgx prepares each statement once by itself.
type pgTx struct {
	pgx.Tx
	s statements
}

func (t pgTx) find(ctx context.Context, remoteID int64, values []any) (key int64, err error) {
	err = t.QueryRow(ctx, t.s.find, int64(account), remoteID).Scan(append([]any{&key}, values...)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return key, err
}

func (t pgTx) insert(ctx context.Context, values []any) error {
	_, err := t.Exec(ctx, t.s.insert, values...)
	return err
}

func (t pgTx) update(ctx context.Context, key int64, values []any) error {
	_, err := t.Exec(ctx, t.s.update, append(values[:len(values):len(values)], key)...)
	return err
}

func (t pgTx) commit(ctx context.Context) error { return t.Commit(ctx) }

func (t pgTx) rollback(ctx context.Context) { _ = t.Rollback(ctx) }

// sqlTx is that of SQLite.
type sqlTx struct {
	*sql.Tx
	finding, inserting, updating *sql.Stmt
}

func (t sqlTx) find(ctx context.Context, remoteID int64, values []any) (key int64, err error) {
	err = t.finding.QueryRowContext(ctx, int64(account), remoteID).Scan(append([]any{&key}, asText(values)...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return key, err
}

func (t sqlTx) insert(ctx context.Context, values []any) error {
	_, err := t.inserting.ExecContext(ctx, asText(values)...)
	return err
}

func (t sqlTx) update(ctx context.Context, key int64, values []any) error {
	_, err := t.updating.ExecContext(ctx, append(asText(values), key)...)
	return err
}

func (t sqlTx) commit(context.Context) error { return t.Commit() }

func (t sqlTx) rollback(context.Context) { _ = t.Rollback() }

// asText wraps what SQLite has no type for.
func asText(values []any) []any {
	list := make([]any, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case *time.Time:
			list[i] = timeText{v}
		case *Address:
			list[i] = jsonText{v}
		default:
			list[i] = v
		}
	}
	return list
}

// timeText keeps a time as text.
type timeText struct{ *time.Time }

// Value is for the driver.
func (t timeText) Value() (driver.Value, error) { return t.UTC().Format(time.RFC3339Nano), nil }

// Scan is for the driver.
func (t timeText) Scan(from any) (err error) {
	switch from := from.(type) {
	case time.Time:
		*t.Time = from
	case string:
		*t.Time, err = time.Parse(time.RFC3339Nano, from)
	default:
		err = fmt.Errorf("%T is no time", from)
	}
	return err
}

// jsonText keeps an object as JSON.
type jsonText struct{ *Address }

// Value is for the driver.
func (t jsonText) Value() (driver.Value, error) {
	b, err := json.Marshal(t.Address)
	return string(b), err
}

// Scan is for the driver.
func (t jsonText) Scan(from any) error {
	switch from := from.(type) {
	case string:
		return json.Unmarshal([]byte(from), t.Address)
	case []byte:
		return json.Unmarshal(from, t.Address)
	}
	return fmt.Errorf("%T is no JSON", from)
}
