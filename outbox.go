package synced

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// OutboxChange is a change that a run of a model with an Outbox made.
type OutboxChange struct {
	// ID grows from change to change, in the order of the commits.
	ID int64
	// Model is the model's table, and ScopeType and ScopeID the scope's column and
	// key; both are empty for a model without scopes.
	Model, ScopeType, ScopeID string
	Kind                      Kind
	// RemoteID is the remote id.
	RemoteID string
	// Old is the row before: nil when it was created. New is the row after: nil
	// when it was removed. Numbers are as they are spelled in JSON, times text, and
	// JSON columns, as the whole object, text as well.
	Old, New report.Row
	// At is when the change was made, by the clock of the process that made it.
	At time.Time
}

// outboxBatch is how many changes are read at a time.
const outboxBatch = 500

// Changes yields the changes that a consumer has not had yet, in order, and ends
// when there are no more; call it again to go on. Models, where given, are the
// only ones whose changes are yielded.
//
// A consumer is a name with a position of its own, known from its first call on;
// a new one begins with the oldest change that is kept. Each change is delivered
// at least once: it is passed when the loop asks for the next one, so that one
// which the loop broke at comes again. Positions are saved once a second, after
// every 500 changes and when the loop ends; a process that is killed gets again
// what it had since. Two loops of one consumer at a time both get the changes.
//
// No transaction is open while the loop's body runs.
func Changes(ctx context.Context, db store.Store, consumer string, models ...string) iter.Seq2[OutboxChange, error] {
	return func(yield func(OutboxChange, error) bool) {
		c := &outboxReader{name: consumer, models: models}
		var err error
		if c.db, err = backend.Of(db); err == nil {
			err = c.read(ctx, yield)
		}
		if err != nil && !errors.Is(err, errLeft) {
			yield(OutboxChange{}, fmt.Errorf("synced: outbox: consumer %s: %w", consumer, err))
		}
	}
}

// errLeft says that the loop was left.
var errLeft = errors.New("left")

// outboxReader is one loop of a consumer.
type outboxReader struct {
	db     backend.Store
	name   string
	models []string
	// passed is the last change that the loop has done, and saved what the
	// database knows of it, since at.
	passed, saved int64
	at            time.Time
}

// read yields until nothing is left, or the loop is.
func (c *outboxReader) read(ctx context.Context, yield func(OutboxChange, error) bool) (err error) {
	if err := c.register(ctx); err != nil {
		return err
	}
	// Also when the loop's body panics: what it had done before is done.
	defer func() {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if failed := c.save(clean); err == nil {
			err = failed // a loop that was left can't be told: it gets some changes again
		}
	}()
	for {
		// Every change up to head is committed, so it is either in the batch or
		// one of another model.
		head, err := readOne[int64](ctx, c.db, squirrel.Select("last_id").From("synced_outbox"))
		if err != nil {
			return err
		}
		batch, err := c.batch(ctx)
		if err != nil {
			return err
		}
		for _, change := range batch {
			if err := ctx.Err(); err != nil {
				return err
			}
			if !yield(change, nil) {
				return errLeft
			}
			c.passed = change.ID
			if time.Since(c.at) > time.Second {
				if err := c.save(ctx); err != nil {
					return err
				}
			}
		}
		if len(batch) < outboxBatch {
			c.passed = max(c.passed, head)
		}
		if err := c.save(ctx); err != nil || len(batch) == 0 {
			return err
		}
	}
}

// register makes the consumer known, and finds out how far it has come.
func (c *outboxReader) register(ctx context.Context) error {
	if c.name == "" {
		return errors.New("no name: give the consumer one")
	}
	position := squirrel.Select("COALESCE(MAX(position), -1)").From("synced_consumers").Where(squirrel.Expr("name = ?", c.name))
	var err error
	if c.passed, err = readOne[int64](ctx, c.db, position); err != nil {
		return err
	}
	c.saved, c.at = c.passed, time.Now()
	if c.passed >= 0 {
		return nil
	}
	c.passed, c.saved = 0, 0
	_, err = inTransaction(ctx, c.db, squirrel.Expr("INSERT INTO synced_consumers (name, position) VALUES (?, 0) ON CONFLICT DO NOTHING", c.name))
	return err
}

// save stores the position, which never goes back.
func (c *outboxReader) save(ctx context.Context) error {
	if c.passed == c.saved {
		return nil
	}
	_, err := inTransaction(ctx, c.db, squirrel.Expr("UPDATE synced_consumers SET position = ? WHERE name = ? AND position < ?", c.passed, c.name, c.passed))
	if err != nil {
		return fmt.Errorf("save the position: %w", err)
	}
	c.saved, c.at = c.passed, time.Now()
	return nil
}

// batch reads the next changes.
func (c *outboxReader) batch(ctx context.Context) ([]OutboxChange, error) {
	query := squirrel.Select("id", "model", "scope_type", "scope_id", "kind", "remote_id", "old_row", "new_row", "at").
		From("synced_changes").Where("id > ?", c.passed).OrderBy("id").Limit(outboxBatch)
	if len(c.models) > 0 {
		query = query.Where(squirrel.Eq{"model": c.models})
	}
	rows, err := c.db.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []OutboxChange
	for rows.Next() {
		change, err := scanChange(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, change)
	}
	return list, rows.Err()
}

func scanChange(rows store.Rows) (OutboxChange, error) {
	var c OutboxChange
	var kind string
	var before, after *string
	var at any
	if err := rows.Scan(&c.ID, &c.Model, &c.ScopeType, &c.ScopeID, &kind, &c.RemoteID, &before, &after, &at); err != nil {
		return c, err
	}
	c.Kind = Kind(1 + slices.IndexFunc([]Kind{Created, Updated, Removed, Restored}, func(k Kind) bool { return k.String() == kind }))
	for _, row := range []struct {
		text *string
		into *report.Row
	}{{before, &c.Old}, {after, &c.New}} {
		if row.text == nil {
			continue
		}
		if err := json.Unmarshal([]byte(*row.text), row.into); err != nil {
			return c, fmt.Errorf("change %d: %w", c.ID, err)
		}
	}
	var err error
	switch v := at.(type) {
	case time.Time:
		c.At = v.UTC()
	case string:
		c.At, err = time.Parse(time.RFC3339Nano, v)
	}
	return c, err
}

// PruneChanges drops the changes that were made longer ago than age, which
// defaults to a week, and that every known consumer has passed. It returns how
// many it dropped.
func PruneChanges(ctx context.Context, db store.Store, age time.Duration) (int64, error) {
	if age <= 0 {
		age = 7 * 24 * time.Hour
	}
	n, err := inTransaction(ctx, db, squirrel.Expr(
		"DELETE FROM synced_changes WHERE at < ? AND NOT EXISTS (SELECT 1 FROM synced_consumers WHERE position < synced_changes.id)",
		time.Now().UTC().Add(-age).Truncate(time.Microsecond)))
	if err != nil {
		return 0, fmt.Errorf("synced: outbox: prune: %w", err)
	}
	return n, nil
}

// DropConsumer forgets a consumer, so that no change is kept for it. It is
// harmless where there is none of that name.
func DropConsumer(ctx context.Context, db store.Store, consumer string) error {
	if _, err := inTransaction(ctx, db, squirrel.Expr("DELETE FROM synced_consumers WHERE name = ?", consumer)); err != nil {
		return fmt.Errorf("synced: outbox: drop consumer %s: %w", consumer, err)
	}
	return nil
}

// checkOutbox finds a database that was not migrated for the outbox.
func (s *declared) checkOutbox(ctx context.Context, db backend.Store) error {
	if !s.Outbox {
		return nil
	}
	own, err := db.Describe(ctx, "synced_changes")
	if err == nil && len(own.Columns) == 0 {
		err = errors.New("the database has no table synced_changes for the Outbox: call Migrate on the store first")
	}
	return err
}

// inTransaction runs one statement.
func inTransaction(ctx context.Context, db store.Store, statement store.SQL) (n int64, err error) {
	b, err := backend.Of(db)
	if err != nil {
		return 0, err
	}
	err = backend.InTx(ctx, b, func(ctx context.Context, tx backend.Tx) error {
		n, err = tx.Exec(ctx, statement)
		return err
	})
	return n, err
}

// readOne reads the only value of a query.
func readOne[V any](ctx context.Context, db store.Querier, query store.SQL) (v V, err error) {
	err = store.Each(ctx, db, query, func(rows store.Rows) error { return rows.Scan(&v) })
	return v, err
}
