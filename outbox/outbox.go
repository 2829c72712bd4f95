// Package outbox reads the changes that runs of models with an Outbox made: a log,
// in the order of the commits, that consumers read each at its own position.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// Change is a change that a run made to one row.
type Change struct {
	// ID grows from change to change, in the order of the commits.
	ID int64
	// Model is the model's table, and ScopeType and ScopeID the scope's column and
	// key; both are empty for a model without scopes.
	Model, ScopeType, ScopeID string
	Kind                      report.Kind
	// RemoteID is the remote id.
	RemoteID string
	// Old is the row before: nil when it was created. New is the row after: nil
	// when it was removed. Numbers are as JSON spells them. Times are text, and so are
	// JSON columns, such as that of the whole object.
	Old, New report.Row
	// At is when the change was made, by the clock of the process that made it.
	At time.Time
}

// kinds are the kinds of changes by their names.
var kinds = map[string]report.Kind{
	report.Created.String(): report.Created, report.Updated.String(): report.Updated,
	report.Removed.String(): report.Removed, report.Restored.String(): report.Restored,
}

// change reads what the ledger keeps.
func change(kept ledger.Change) (Change, error) {
	c := Change{ID: kept.ID, Model: kept.Scope.Model, ScopeType: kept.Scope.Type, ScopeID: kept.Scope.ID, Kind: kinds[kept.Kind], RemoteID: kept.RemoteID, At: kept.At}
	for _, row := range []struct {
		text []byte
		into *report.Row
	}{{kept.Old, &c.Old}, {kept.New, &c.New}} {
		if row.text == nil {
			continue
		}
		if err := json.Unmarshal(row.text, row.into); err != nil {
			return c, fmt.Errorf("change %d: %w", c.ID, err)
		}
	}
	return c, nil
}

// Changes yields the changes that a consumer has not had yet, in order, and ends
// when there are none left; call it again for later ones. Models, where given, are
// the only ones whose changes are yielded: each by its table, as declared. One that
// has no table in the database is an error.
//
// A consumer is a name with its own position, registered by its first call; a new
// one begins with the oldest change that is kept. Each change is delivered at least
// once: it is acknowledged when the loop asks for the next, and delivered again if
// the loop breaks. Positions are saved once a second, after every 500 changes and
// when the loop ends; a process that is killed gets again what it had since. Two
// loops of one consumer at the same time both get the changes.
//
// No transaction is open while the loop's body runs.
func Changes(ctx context.Context, db store.Store, consumer string, models ...string) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		err := read(ctx, db, consumer, models, yield)
		if err != nil && !errors.Is(err, errLeft) {
			yield(Change{}, fmt.Errorf("synced: outbox: consumer %q: %w", consumer, err))
		}
	}
}

// Prune drops the changes that were made longer ago than age, which defaults to a
// week, and that every known consumer has passed. It drops 10,000 in a transaction, so that
// others can write in between, and returns how many it dropped, also where err is not nil.
// [synced.CleanUp] does this and more.
//
// [synced.CleanUp]: https://pkg.go.dev/github.com/syncedgo/synced#CleanUp
func Prune(ctx context.Context, db store.Store, age time.Duration) (int64, error) {
	if age <= 0 {
		age = 7 * 24 * time.Hour
	}
	b, err := backend.Of(db)
	if err != nil {
		return 0, err
	}
	var dropped int64
	before := time.Now().Add(-age)
	for {
		var n int64
		err = backend.InTx(ctx, b, func(ctx context.Context, tx backend.Tx) error {
			n, err = ledger.PruneChanges(ctx, tx, before, pruned)
			return err
		})
		if err != nil {
			return dropped, fmt.Errorf("synced: outbox: prune: %w", err)
		}
		if dropped += n; n < pruned {
			return dropped, nil
		}
	}
}

// pruned is how many changes a transaction drops.
const pruned = 10000

// Drop forgets a consumer, so that no change is kept for it. It does nothing where
// there is none of that name.
func Drop(ctx context.Context, db store.Store, consumer string) error {
	b, err := backend.Of(db)
	if err != nil {
		return err
	}
	err = backend.InTx(ctx, b, func(ctx context.Context, tx backend.Tx) error { return ledger.DropConsumer(ctx, tx, consumer) })
	if err != nil {
		return fmt.Errorf("synced: outbox: drop consumer %q: %w", consumer, err)
	}
	return nil
}
