package ledger

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const times = "{synced_times}"

// Time is a stored time, by the remote's clock. Zero is none.
type Time struct {
	At time.Time
	// From is since when the changes before it were asked for; zero is from the beginning.
	From time.Time
}

// TimeOf reads the newest time that was saved for a scope.
func TimeOf(ctx context.Context, q store.Querier, s Scope) (Time, error) {
	var at, from backend.Time
	_, err := store.One(ctx, q, backend.Kept{SQL: "SELECT synced_at, covered_from" + newest, Args: s.values()}, &at, &from)
	return Time{at.Time, from.Time}, err
}

// newest is the row of the newest time of a scope.
const newest = " FROM " + times + inScope + " ORDER BY synced_at DESC LIMIT 1"

// mostTimes is how many times of a scope are kept when there are moreTimes more: the newest
// counts, the others are for people.
const mostTimes, moreTimes = 10, 10

// saveTime adds a time.
const saveTime = "INSERT INTO " + times + " (model, scope_type, scope_id, synced_at, source, recorded_at, covered_from) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"

// SaveTime adds a time and where it came from: "remote", "date".
func SaveTime(ctx context.Context, tx store.Tx, s Scope, t Time, source string) error {
	return exec(ctx, tx, backend.Kept{Later: "store the time", SQL: saveTime, Args: s.values(backend.Moment(t.At), source, backend.Moment(time.Now()), orNull(t.From))})
}

// trimTimes drops the oldest times of a scope.
func trimTimes(ctx context.Context, tx store.Tx, s Scope) error {
	last := squirrel.Select("synced_at", "recorded_at").From(times).Where(s.where()).OrderBy("synced_at DESC", "recorded_at DESC").Limit(1).Offset(mostTimes - 1)
	return exec(ctx, tx, squirrel.Delete(times).Where(s.where()).Where(squirrel.Expr("(synced_at, recorded_at) < (?)", last)))
}

// SaveCovered notes since when changes were asked for that the times of a scope stand
// for; zero is from the beginning.
func SaveCovered(ctx context.Context, tx store.Tx, s Scope, from time.Time) error {
	return exec(ctx, tx, squirrel.Update(times).Set("covered_from", orNull(from)).Where(s.where()))
}

// DropTimes forgets the times of a scope.
func DropTimes(ctx context.Context, tx store.Tx, s Scope) error {
	_, err := drop(ctx, tx, times, s)
	return err
}

// PruneTimes drops the times that were saved before another, and never the newest
// of a scope. It returns how many.
func PruneTimes(ctx context.Context, tx store.Tx, before time.Time) (int64, error) {
	return tx.Exec(ctx, squirrel.Expr(
		"DELETE FROM "+times+" WHERE recorded_at < ? AND EXISTS (SELECT 1 FROM "+times+" newer"+
			" WHERE newer.model = "+times+".model AND newer.scope_type = "+times+".scope_type"+
			" AND newer.scope_id = "+times+".scope_id AND (newer.synced_at > "+times+".synced_at"+
			" OR newer.synced_at = "+times+".synced_at AND newer.recorded_at > "+times+".recorded_at))",
		backend.Moment(before)))
}
