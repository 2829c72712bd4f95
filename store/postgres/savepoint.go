package postgres

import (
	"cmp"
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/syncedgo/synced/internal/sqlstore"
)

// savepoint is the one of a transaction that it goes back to when the database
// refuses a row. It begins together with the statement that may be refused, so that
// it costs no exchange.
type savepoint struct {
	tx     pgx.Tx
	want   bool // the next statement begins it
	exists bool
}

var _ sqlstore.Trier = conn{}

func (s *savepoint) wanted() bool { return s != nil && s.want }

// begin sends a statement that the savepoint goes before. The one before that is
// released: they would nest, deeper with each page.
func (s *savepoint) begin(ctx context.Context, sql string, args []any) (pgx.BatchResults, error) {
	var b pgx.Batch
	before := []string{"SAVEPOINT synced_page"}
	if s.exists {
		before = append([]string{"RELEASE SAVEPOINT synced_page"}, before...)
	}
	for _, statement := range before {
		b.Queue(statement)
	}
	b.Queue(sql, args...)
	answers := s.tx.SendBatch(ctx, &b)
	for range before {
		if _, err := answers.Exec(); err != nil {
			return nil, cmp.Or(err, answers.Close())
		}
	}
	s.want, s.exists = false, true
	return answers, nil
}

// Try implements [sqlstore.Trier].
func (c conn) Try(ctx context.Context, do func() error) error {
	if c.mark == nil {
		return do()
	}
	c.mark.want = true
	err := do()
	began := !c.mark.want
	c.mark.want = false
	if err == nil || !began || !c.Refused(err) {
		return err
	}
	if _, undo := c.mark.tx.Exec(ctx, "ROLLBACK TO SAVEPOINT synced_page"); undo != nil {
		return errors.Join(undo, err)
	}
	return err
}
