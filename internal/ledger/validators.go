package ledger

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

const validators = "{synced_validators}"

// ValidatorOf reads what stands for the state of the remote's list when a pass of
// the same shape had written all of it, an ETag for example. It is "" where none
// is kept.
func ValidatorOf(ctx context.Context, q store.Querier, s Scope, shape string) (validator string, err error) {
	_, err = store.One(ctx, q, squirrel.Select("validator").From(validators).Where(s.where()).Where(squirrel.Expr("shape = ?", shape)), &validator)
	return validator, err
}

// PutValidator keeps a validator, and the shape of the pass that it came with.
func PutValidator(ctx context.Context, tx store.Tx, s Scope, validator, shape string) error {
	return put(ctx, tx, validators, s, []string{"validator", "shape"}, validator, shape)
}

// DropValidator forgets the validator of a scope, and returns how many there were.
func DropValidator(ctx context.Context, tx store.Tx, s Scope) (int64, error) {
	return drop(ctx, tx, validators, s)
}
