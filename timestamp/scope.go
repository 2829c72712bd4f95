package timestamp

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
)

// PerScope keeps a row in synced_timestamps for each finished run, of which the
// newest time of a scope counts. It is the default.
type PerScope struct{}

var _ Strategy = PerScope{}

const table = "synced_timestamps"

// Validate finds nothing to say.
func (PerScope) Validate(backend.Description) error { return nil }

// Stored is the newest time of the scope.
func (PerScope) Stored(ctx context.Context, q backend.Querier, s Subject) (time.Time, error) {
	scopeType, scopeID := s.Keys()
	return readTime(q.Query(ctx, squirrel.Select("synced_at").From(table).
		Where(squirrel.And{squirrel.Expr("model = ?", s.Model), squirrel.Expr("scope_type = ?", scopeType), squirrel.Expr("scope_id = ?", scopeID)}).
		OrderBy("synced_at DESC").Limit(1)))
}

// Save adds a row.
func (PerScope) Save(ctx context.Context, tx backend.Tx, s Subject, stamp Stamp) error {
	scopeType, scopeID := s.Keys()
	_, err := tx.Exec(ctx, squirrel.Insert(table).
		Columns("model", "scope_type", "scope_id", "synced_at", "source", "recorded_at").
		Values(s.Model, scopeType, scopeID, stamp.At.UTC().Truncate(precision), stamp.Source, time.Now().UTC().Truncate(precision)).
		Suffix("ON CONFLICT DO NOTHING"))
	return err
}

// Reset drops the rows of the scope, or of every scope of the model.
func (PerScope) Reset(ctx context.Context, tx backend.Tx, s Subject) error {
	where := squirrel.And{squirrel.Expr("model = ?", s.Model)}
	if s.Scope != nil {
		scopeType, scopeID := s.Keys()
		where = append(where, squirrel.Expr("scope_type = ?", scopeType), squirrel.Expr("scope_id = ?", scopeID))
	}
	_, err := tx.Exec(ctx, squirrel.Delete(table).Where(where))
	return err
}

// Week is how long [Cleanup] keeps rows by default.
const Week = 7 * 24 * time.Hour

// Cleanup drops the rows of synced_timestamps that were recorded longer ago than
// age, which defaults to a [Week], and never the newest of a scope. It returns
// how many it dropped.
func Cleanup(ctx context.Context, db backend.Store, age time.Duration) (n int64, err error) {
	if age <= 0 {
		age = Week
	}
	b, err := backend.Of(db)
	if err != nil {
		return 0, err
	}
	err = backend.InTx(ctx, b, func(ctx context.Context, tx backend.Tx) error {
		n, err = tx.Exec(ctx, squirrel.Expr(
			"DELETE FROM synced_timestamps WHERE recorded_at < ? AND EXISTS (SELECT 1 FROM synced_timestamps newer"+
				" WHERE newer.model = synced_timestamps.model AND newer.scope_type = synced_timestamps.scope_type"+
				" AND newer.scope_id = synced_timestamps.scope_id AND (newer.synced_at > synced_timestamps.synced_at"+
				" OR newer.synced_at = synced_timestamps.synced_at AND newer.recorded_at > synced_timestamps.recorded_at))",
			time.Now().UTC().Add(-age).Truncate(precision)))
		return err
	})
	return n, err
}
