package ledger

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const refusals = "synced_refusals"

// Refusal is a removal that was refused, until a later pass decides otherwise or
// somebody approves.
type Refusal struct {
	// Plan names it, and Reason says why.
	Plan, Reason string
	// Of is how many rows the scope had.
	Of int
	// IDs are the remote ids of the rows.
	IDs []string
	At  time.Time
}

// RefusalOf reads the refused removal of a scope, nil where there is none.
func RefusalOf(ctx context.Context, q store.Querier, s Scope) (*Refusal, error) {
	return refusal(ctx, q, s, "")
}

// LockRefusal is RefusalOf in a transaction that changes it: nobody else does until
// the transaction ends.
func LockRefusal(ctx context.Context, tx backend.Tx, s Scope) (*Refusal, error) {
	return refusal(ctx, tx, s, tx.Dialect().Lock())
}

func refusal(ctx context.Context, q store.Querier, s Scope, lock string) (*Refusal, error) {
	var r Refusal
	var ids string
	var at backend.Time
	found, err := store.One(ctx, q, squirrel.Select("plan", "reason", "of_rows", "ids", "refused_at").From(refusals).Where(s.where()).Suffix(lock),
		&r.Plan, &r.Reason, &r.Of, &ids, &at)
	if err != nil || !found {
		return nil, err
	}
	r.At = at.Time
	return &r, json.Unmarshal([]byte(ids), &r.IDs)
}

// PutRefusal keeps a refused removal in place of the last one.
func PutRefusal(ctx context.Context, tx store.Tx, s Scope, r Refusal) error {
	ids, err := json.Marshal(r.IDs)
	if err != nil {
		return err
	}
	return put(ctx, tx, refusals, s, []string{"plan", "reason", "of_rows", "ids", "refused_at"},
		r.Plan, r.Reason, r.Of, string(ids), backend.Moment(r.At))
}

// DropRefusal forgets the refused removal of a scope.
func DropRefusal(ctx context.Context, tx store.Tx, s Scope) error {
	_, err := drop(ctx, tx, refusals, s)
	return err
}
