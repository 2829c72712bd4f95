package synced

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/outbox"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/timestamp"
)

// CleanedUp is how many rows of synced's own tables [CleanUp] dropped.
type CleanedUp struct {
	// Changes are those of the outbox.
	Changes int64
	// Times are stored times that a later one has replaced.
	Times int64
	// Budgets are those of credentials that are no longer used.
	Budgets int64
}

// String names what was dropped: "120 changes, 3 times".
func (c CleanedUp) String() string {
	var parts []string
	for _, p := range []struct {
		n    int64
		what string
	}{{c.Changes, "changes"}, {c.Times, "times"}, {c.Budgets, "budgets"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprint(p.n, " ", p.what))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// CleanUp drops from synced's own tables what is older than an age and of no use any
// longer, and never what a run or a consumer still needs: changes of the outbox that every
// consumer has had (none while there is no consumer), stored times but the newest of each
// scope, and budgets that nobody has used for two days. Age defaults to a week. Nothing else
// grows with the number of runs.
//
// It deletes in short transactions, and may be called at any time, by many processes at
// once. A schedule calls it every hour: see schedule.Options.Keep. The result counts what was
// dropped also where err is not nil. What is kept of a scope that the service no longer has
// goes with [Forget].
func CleanUp(ctx context.Context, db store.Store, age time.Duration) (done CleanedUp, err error) {
	consumers, err := outbox.Consumers(ctx, db)
	if err == nil && len(consumers) > 0 { // without any, nobody has had a change
		done.Changes, err = outbox.Prune(ctx, db, age)
	}
	if err != nil {
		return done, err
	}
	if done.Times, err = timestamp.Cleanup(ctx, db, age); err != nil {
		return done, err
	}
	b, err := backend.Of(db)
	if err == nil {
		err = backend.InTx(ctx, b, func(ctx context.Context, tx backend.Tx) error {
			done.Budgets, err = ledger.PruneBudgets(ctx, tx, 48*time.Hour)
			return err
		})
	}
	if err != nil {
		return done, fmt.Errorf("synced: clean up: %w", err)
	}
	return done, nil
}

// Forget forgets all that synced's own tables have of a model's scope which the service no longer
// has: its stored time, how its runs went, and what waits for the next one, such as quarantine
// and refused removals. Delete the scope's rows beside it, as they are yours, and stop
// scheduling it; a run that comes nonetheless is like the first. Changes in the outbox stay
// until consumers have had them.
//
// A run that is under way makes it [ErrRunning]. Models of Associations have scopes of their
// own. Of a model that is listed for each parent, it forgets all parents of the scope, or one.
func Forget(ctx context.Context, model Runnable, scope Scope) error {
	of := model.handle()
	if of.declared.ByParent() && !scope.parent {
		root, err := of.declared.Root(scope.key)
		if err != nil {
			return of.fail(scope, err)
		}
		return engine.ForgetEach(ctx, of.model, root)
	}
	key, err := of.scope(scope)
	if err != nil {
		return err
	}
	return engine.Forget(ctx, of.model, key)
}
