package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// marks are what goes before the next statement of a transaction, its beginning too. It is
// sent together with that, so that it costs no exchange.
type marks struct {
	// tx is nil before a transaction begins that does so with its first statement. Conn is
	// that of such a one, else nil.
	tx   pgx.Tx
	conn *pgx.Conn
	// shown reports whether a handler may use the transaction by itself, and ended whether
	// nobody may.
	shown, ended bool
	// failed is why what waits could not be sent when a handler asked for the transaction.
	failed error
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

// planning has the statements until the end of a transaction planned so, and not compiled:
// for a table without statistics, to compile a look at the texts of 500 rows took 100 ms.
const planning = "SELECT set_config('plan_cache_mode', '" + planMode + "', true), set_config('jit', 'off', true)"

// begin is how transactions begin.
const begin = "begin isolation level read committed"

// mark is a statement that goes before another, and what is done with its answer.
type mark struct {
	sql  string
	args []any
	read func(pgx.BatchResults) error
	// heeded reports whether the transaction may have to be undone for the answer.
	heeded bool
	// does says for an error what is done; "" where the error says so.
	does string
}

// alone is a statement whose answer says nothing.
func alone(sql string, args ...any) mark {
	return mark{sql: sql, args: args, read: func(answers pgx.BatchResults) error {
		_, err := answers.Exec()
		return err
	}}
}

// later has a statement wait for the next one, or for the commit, and reports whether it
// does: [backend.Kept] says which may. Handlers would not see what it did.
func (m *marks) later(does, sql string, args []any) bool {
	if m == nil || m.conn == nil || m.shown || m.ended {
		return false
	}
	one := alone(sql, args...)
	one.does = does
	m.first = append(m.first, one)
	return true
}

// waits reports whether something waits for the next statement.
func (m *marks) waits() bool { return m.first != nil || m.tx == nil }

// usable returns why the transaction can't be used.
func (m *marks) usable() error {
	if m.ended {
		return pgx.ErrTxClosed
	}
	return m.failed
}

// before takes what goes before a statement; nil is nothing, not even the beginning. A
// statement without values may be several, which pgx sends as they are, and only by
// themselves. The savepoint before the next one is released: they would nest, deeper with
// each page.
func (m *marks) before(ctx context.Context, s sqlstore.Statement) ([]mark, error) {
	if m == nil {
		return nil, nil
	}
	if len(s.Args) == 0 && !m.wanted {
		return nil, m.flush(ctx)
	}
	if err := m.usable(); err != nil {
		return nil, err
	}
	list := m.take()
	if !m.planned && !s.Kept {
		list = append(list, alone(planning))
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

// take takes what waits for the next statement, and the beginning.
func (m *marks) take() []mark {
	list := m.first
	m.first = nil
	if m.tx == nil {
		list = append([]mark{alone(begin)}, list...)
	}
	return list
}

// send sends a statement and what goes before it. The answers are the statement's.
func (m *marks) send(ctx context.Context, before []mark, sql string, args []any) (pgx.BatchResults, error) {
	var b pgx.Batch
	rest := before
	if m.tx == nil {
		b.BeginTx(pgx.TxOptions{BeginQuery: before[0].sql})
		rest = before[1:]
	}
	for _, statement := range rest {
		b.Queue(statement.sql, statement.args...)
	}
	if sql != "" {
		b.Queue(sql, args...)
	}
	var answers pgx.BatchResults
	if m.tx == nil {
		answers = m.conn.SendBatch(ctx, &b)
		m.tx = answers.Tx()
	} else {
		answers = m.tx.SendBatch(ctx, &b)
	}
	for _, statement := range before {
		if err := statement.read(answers); err != nil {
			_ = answers.Close() // it says the same once more
			return nil, doing(before, err)
		}
	}
	if sql != "" {
		m.exists, m.wanted = m.exists || m.wanted, false
	}
	return answers, nil
}

// doing says what was being done: any of it, as the server reads all statements before it runs
// the first.
func doing(list []mark, err error) error {
	var does []string
	for _, s := range list {
		if s.does != "" {
			does = append(does, s.does)
		}
	}
	if does == nil || errors.Is(err, store.ErrLockLost) {
		return err
	}
	return fmt.Errorf("%s: %w", strings.Join(does, " and "), err)
}

// flush sends what waits for a statement that does not come, or comes another way.
func (m *marks) flush(ctx context.Context) error {
	if m == nil {
		return nil
	}
	if err := m.usable(); err != nil || !m.waits() {
		return err
	}
	answers, err := m.send(ctx, m.take(), "", nil)
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
