package postgres

import (
	"cmp"
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/sqlstore"
)

// marks are what goes before the next statement of a transaction. It is sent together with
// that, so that it costs no exchange.
type marks struct {
	tx pgx.Tx
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

// before returns what goes before a statement. The savepoint before the next one is
// released: they would nest, deeper with each page.
func (m *marks) before(kept bool) []string {
	if m == nil || kept && !m.wanted {
		return nil
	}
	var list []string
	if !m.planned {
		list = append(list, "SET LOCAL plan_cache_mode = "+planMode)
	}
	if m.wanted && m.exists {
		list = append(list, "RELEASE SAVEPOINT synced_page")
	}
	if m.wanted {
		list = append(list, "SAVEPOINT synced_page")
	}
	return list
}

// send sends a statement and what goes before it.
func (m *marks) send(ctx context.Context, before []string, sql string, args []any) (pgx.BatchResults, error) {
	var b pgx.Batch
	for _, statement := range before {
		b.Queue(statement)
	}
	b.Queue(sql, args...)
	answers := m.tx.SendBatch(ctx, &b)
	for range before {
		if _, err := answers.Exec(); err != nil {
			return nil, cmp.Or(err, answers.Close())
		}
	}
	m.planned, m.exists, m.wanted = true, m.exists || m.wanted, false
	return answers, nil
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
	c.mark.planned = false // where that was set under an earlier savepoint, it is undone
	if _, undo := c.mark.tx.Exec(ctx, "ROLLBACK TO SAVEPOINT synced_page"); undo != nil {
		return errors.Join(undo, err)
	}
	return err
}
