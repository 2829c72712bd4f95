package ledger

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const budgets = "{synced_budgets}"

// Budget is what is left of a credential's, in microseconds since 1970 by the database's
// clock.
type Budget struct {
	// Now is the time, Next when the next request is due, and Held until when none may
	// start.
	Now, Next, Held int64
}

// BudgetOf reads the budget of a credential, which is named by a hash.
func BudgetOf(ctx context.Context, q backend.Querier, credential string) (b Budget, err error) {
	var ms int64
	_, err = store.One(ctx, q, squirrel.Select("coalesce(max(next_at), 0)", "coalesce(max(held_until), 0)", q.Dialect().Now()).
		From(budgets).Where(squirrel.Eq{"credential": credential}), &b.Next, &b.Held, &ms)
	b.Now = ms * 1000
	return b, err
}

// BudgetTurn is BudgetOf, and makes sure that nobody else changes the budget until the
// transaction ends. Nobody waits for a process that was cut off.
func BudgetTurn(ctx context.Context, tx backend.Tx, credential string) (b Budget, err error) {
	var ms int64
	var idle string
	_, err = store.One(ctx, tx, squirrel.Insert(budgets).Columns("credential", "next_at", "held_until").Values(credential, 0, 0).
		Suffix("ON CONFLICT (credential) DO UPDATE SET next_at = "+budgets+".next_at RETURNING next_at, held_until, "+tx.Dialect().Now()+", "+tx.Dialect().EndIdle()), &b.Next, &b.Held, &ms, &idle)
	b.Now = ms * 1000
	return b, err
}

// PutBudget writes the budget that [BudgetTurn] read.
func PutBudget(ctx context.Context, tx store.Tx, credential string, b Budget) error {
	return exec(ctx, tx, squirrel.Update(budgets).Set("next_at", b.Next).Set("held_until", b.Held).Where(squirrel.Eq{"credential": credential}))
}

// PruneBudgets drops the budgets of which nobody has used anything for a while, and returns
// how many. A new one is as full.
func PruneBudgets(ctx context.Context, tx backend.Tx, age time.Duration) (int64, error) {
	now, err := Clock(ctx, tx)
	if err != nil {
		return 0, err
	}
	before := now.Add(-age).UnixMicro()
	return tx.Exec(ctx, squirrel.Delete(budgets).Where(squirrel.Expr("next_at < ? AND held_until < ?", before, before)))
}
