package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/store"
)

// batch is how many changes are read at a time.
const batch = 500

// errLeft is the end of a loop that was left.
var errLeft = errors.New("left")

// consumer is one loop of a consumer.
type consumer struct {
	db     backend.Store
	name   string
	models []string
	// passed is the last change that the loop has done, and saved what the
	// database knows of it, since at.
	passed int64
	saved  ledger.Position
	at     time.Time
}

// read yields until nothing is left, or the loop is.
func read(ctx context.Context, db store.Store, name string, models []string, yield func(Change, error) bool) (err error) {
	b, err := backend.Of(db)
	if err != nil {
		return err
	}
	c := &consumer{db: b, name: name, models: models}
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
		more, err := c.readBatch(ctx, yield)
		if err != nil || !more {
			return err
		}
	}
}

// readBatch yields the next changes, and reports whether there may be more.
func (c *consumer) readBatch(ctx context.Context, yield func(Change, error) bool) (more bool, err error) {
	// Every change up to head is committed, so it is either in the list or one of
	// another model.
	head, err := ledger.LastChange(ctx, c.db)
	if err != nil {
		return false, err
	}
	list, err := ledger.ChangesAfter(ctx, c.db, c.passed, c.models, batch)
	if err != nil {
		return false, err
	}
	rewinds := c.saved.Rewinds
	for _, kept := range list {
		if err := c.deliver(ctx, kept, yield); err != nil {
			return false, err
		}
		if c.saved.Rewinds != rewinds {
			return true, nil
		}
	}
	if len(list) < batch {
		c.passed = max(c.passed, head)
	}
	err = c.save(ctx)
	return len(list) > 0 || c.saved.Rewinds != rewinds, err
}

// deliver yields one change.
func (c *consumer) deliver(ctx context.Context, kept ledger.Change, yield func(Change, error) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	next, err := change(kept)
	if err != nil {
		return err
	}
	if !yield(next, nil) {
		return errLeft
	}
	c.passed = kept.ID
	if time.Since(c.at) > time.Second {
		return c.save(ctx)
	}
	return nil
}

// register makes the consumer known, and finds its position.
func (c *consumer) register(ctx context.Context) error {
	if c.name == "" {
		return errors.New("the name is empty: give each consumer its own")
	}
	if err := c.checkModels(ctx); err != nil {
		return err
	}
	position, known, err := ledger.PositionOf(ctx, c.db, c.name)
	if err != nil {
		return err
	}
	c.passed, c.saved, c.at = position.Passed, position, time.Now()
	if known {
		return nil
	}
	return backend.InTx(ctx, c.db, func(ctx context.Context, tx backend.Tx) error { return ledger.AddConsumer(ctx, tx, c.name) })
}

// checkModels finds names that no model has: their changes would never come.
func (c *consumer) checkModels(ctx context.Context) error {
	for _, model := range c.models {
		found, err := c.db.Describe(ctx, model)
		if err != nil {
			return fmt.Errorf("look for model %q: %w", model, err)
		}
		if len(found.Columns) > 0 {
			continue
		}
		known, err := ledger.HasRun(ctx, c.db, model) // its table may be gone by now
		if err != nil {
			return err
		}
		if known {
			continue
		}
		run, err := ledger.Models(ctx, c.db)
		if err != nil {
			return err
		}
		return fmt.Errorf("no model %q: the database has no such table; name models by the Table of their declarations%s", model, examples(run))
	}
	return nil
}

// examples tells some names.
func examples(names []string) string {
	if len(names) == 0 {
		return ""
	}
	const most = 10
	return fmt.Sprintf(", such as %q", names[:min(len(names), most)])
}

// save stores the position, which never goes back but for a rewind: then the loop
// resumes there.
func (c *consumer) save(ctx context.Context) error {
	if c.passed == c.saved.Passed {
		return nil
	}
	next := ledger.Position{Passed: c.passed, Rewinds: c.saved.Rewinds}
	err := backend.InTx(ctx, c.db, func(ctx context.Context, tx backend.Tx) error {
		if err := ledger.SavePosition(ctx, tx, c.name, next); err != nil {
			return err
		}
		now, known, err := ledger.PositionOf(ctx, tx, c.name)
		if known && now.Rewinds != next.Rewinds {
			next = now
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("save the position: %w", err)
	}
	c.passed, c.saved, c.at = next.Passed, next, time.Now()
	return nil
}
