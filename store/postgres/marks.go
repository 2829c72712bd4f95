package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/sqlstore"
)

// marks are what goes before the next statement of a transaction. It is sent together with
// that, so that it costs no exchange.
type marks struct {
	tx pgx.Tx
	// first are statements of ours that wait for the next one.
	first []mark
	// planned reports whether statements are planned each time, as all are but those of
	// [backend.Kept].
	planned bool
	// wanted reports whether the next statement begins the savepoint that the transaction
	// goes back to when the database refuses a row, and exists whether there is one.
	wanted, exists bool
}

var _ sqlstore.Trier = conn{}

// planMode is the mode of statements on models' tables: a generic plan that was cached
// while the table was empty reads it from end to end, about ten times slower on a first load.
const planMode = "force_custom_plan"

// mark is a statement that goes before another, and what is done with its answer.
type mark struct {
	sql  string
	args []any
	read func(pgx.BatchResults) error
}

// alone is a statement whose answer says nothing.
func alone(sql string, args ...any) mark {
	return mark{sql, args, func(answers pgx.BatchResults) error {
		_, err := answers.Exec()
		return err
	}}
}

// before takes what goes before a statement. One without values may be several, which pgx
// sends as they are, and only by themselves. The savepoint before the next one is released:
// they would nest, deeper with each page.
func (m *marks) before(ctx context.Context, s sqlstore.Statement) ([]mark, error) {
	if m == nil {
		return nil, nil
	}
	if len(s.Args) == 0 && !m.wanted {
		return nil, m.flush(ctx)
	}
	list := m.first
	m.first = nil
	if !m.planned && !s.Kept {
		list = append(list, alone("SET LOCAL plan_cache_mode = "+planMode))
		m.planned = true
	}
	if m.wanted && m.exists {
		list = append(list, alone("RELEASE SAVEPOINT synced_page"))
	}
	if m.wanted {
		list = append(list, alone("SAVEPOINT synced_page"))
	}
	return list, nil
}

// send sends a statement and what goes before it. The answers are the statement's.
func (m *marks) send(ctx context.Context, before []mark, sql string, args []any) (pgx.BatchResults, error) {
	var b pgx.Batch
	for _, statement := range before {
		b.Queue(statement.sql, statement.args...)
	}
	if sql != "" {
		b.Queue(sql, args...)
	}
	answers := m.tx.SendBatch(ctx, &b)
	for _, statement := range before {
		if err := statement.read(answers); err != nil {
			_ = answers.Close() // it says the same once more
			return nil, err
		}
	}
	if sql != "" {
		m.exists, m.wanted = m.exists || m.wanted, false
	}
	return answers, nil
}

// flush sends what waits for a statement that does not come, or comes another way.
func (m *marks) flush(ctx context.Context) error {
	if m == nil || m.first == nil {
		return nil
	}
	before := m.first
	m.first = nil
	answers, err := m.send(ctx, before, "", nil)
	if err != nil {
		return err
	}
	return answers.Close()
}

// Try implements [sqlstore.Trier].
func (c conn) Try(ctx context.Context, do func() error) error {
	if c.mark == nil {
		return do()
	}
	c.mark.wanted = true
	err := do()
	began := !c.mark.wanted
	c.mark.wanted = false
	if err == nil || !began || !c.Refused(err) {
		return err
	}
	if _, undo := c.mark.tx.Exec(ctx, "ROLLBACK TO SAVEPOINT synced_page"); undo != nil {
		return errors.Join(undo, err)
	}
	return err
}
