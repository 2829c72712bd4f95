package ledger

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const refusals = "{synced_refusals}"

// Refusal is a removal that was refused, until a later pass decides otherwise or
// somebody approves. Its ids have a table of their own: see [EachRefused].
type Refusal struct {
	// Plan names it, and Reason says why.
	Plan, Reason string
	// Of is how many rows the scope had.
	Of int
	At time.Time
}

// RefusalOf reads the refused removal of a scope, nil where there is none.
func RefusalOf(ctx context.Context, q store.Querier, s Scope) (*Refusal, error) {
	return refusal(ctx, q, s, "")
}

// LockRefusal is RefusalOf in a transaction that changes it, or its ids: nobody else
// does until the transaction ends.
func LockRefusal(ctx context.Context, tx backend.Tx, s Scope) (*Refusal, error) {
	return refusal(ctx, tx, s, tx.Dialect().Lock())
}

func refusal(ctx context.Context, q store.Querier, s Scope, lock string) (*Refusal, error) {
	var r Refusal
	var at backend.Time
	found, err := store.One(ctx, q, squirrel.Select("plan", "reason", "of_rows", "refused_at").From(refusals).Where(s.where()).Suffix(lock),
		&r.Plan, &r.Reason, &r.Of, &at)
	if err != nil || !found {
		return nil, err
	}
	r.At = at.Time
	return &r, nil
}

// RefusedScopes returns the scopes of a model that have a refused removal.
func RefusedScopes(ctx context.Context, q store.Querier, model string) (list []Scope, err error) {
	query := squirrel.Select(scopeColumns()...).From(refusals).Where(EveryScope(model).where()).OrderBy("scope_type", "length(scope_id)", "scope_id")
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		var s Scope
		err := rows.Scan(&s.Model, &s.Type, &s.ID)
		list = append(list, s)
		return err
	})
	return list, err
}

// PutRefusal keeps a refused removal in place of the last one. [PutRefused] keeps its
// ids.
func PutRefusal(ctx context.Context, tx store.Tx, s Scope, r Refusal) error {
	return put(ctx, tx, refusals, s, []string{"plan", "reason", "of_rows", "refused_at"}, r.Plan, r.Reason, r.Of, backend.Moment(r.At))
}

// DropRefusal forgets the refused removal of a scope, and its ids.
func DropRefusal(ctx context.Context, tx store.Tx, s Scope) error {
	_, err := drop(ctx, tx, refusals, s)
	if err == nil {
		_, err = drop(ctx, tx, refused, s)
	}
	return err
}

// TakeRefused takes records that exist, by [idset.Key], out of the refused removal of a
// scope, and reports whether others are left in it.
func TakeRefused(ctx context.Context, tx backend.Tx, s Scope, keys []uint64) (left bool, err error) {
	r, err := LockRefusal(ctx, tx, s)
	if err != nil || r == nil {
		return false, err
	}
	taken, err := dropRefused(ctx, tx, s, keys)
	if err != nil || taken == 0 {
		return true, err
	}
	left, err = store.One(ctx, tx, squirrel.Select("1").From(refused).Where(s.where()).Limit(1), nil)
	switch {
	case err != nil:
		return false, err
	case left:
		return true, exec(ctx, tx, squirrel.Update(refusals).Set("refused_at", backend.Moment(time.Now())).Where(s.where()))
	default:
		return false, DropRefusal(ctx, tx, s)
	}
}
