package ledger

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const positions = "{synced_positions}"

// RemotePosition is a position in the remote's changes, and the shape of what it was given
// for.
type RemotePosition struct {
	Text, Shape string
	Recorded    time.Time
}

// RemotePositionOf reads the remote's position that a run of the same shape stored last; ""
// where none is kept.
func RemotePositionOf(ctx context.Context, q store.Querier, s Scope, shape string) (position string, err error) {
	_, err = store.One(ctx, q, squirrel.Select("position").From(positions).Where(s.where()).Where(squirrel.Expr("shape = ?", shape)), &position)
	return position, err
}

// PutRemotePosition keeps a position, and the shape of what it was given for.
func PutRemotePosition(ctx context.Context, tx store.Tx, s Scope, position, shape string) error {
	return put(ctx, tx, positions, s, []string{"position", "shape", "recorded_at"}, position, shape, backend.Moment(time.Now()))
}

// DropRemotePosition forgets the position of a scope, and returns how many there were.
func DropRemotePosition(ctx context.Context, tx store.Tx, s Scope) (int64, error) {
	return drop(ctx, tx, positions, s)
}
