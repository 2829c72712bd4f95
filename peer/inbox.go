package peer

import (
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const inbox = "{synced_peer_inbox}"

// The states of a change in the inbox are "" and "failed" while it waits; then "applied",
// "skipped", or "refused".

// inserted is how many changes a statement stores.
const inserted = 200

// store keeps the changes of a batch, which follow those before.
func storeChanges(ctx context.Context, tx store.Tx, peer string, changes []Change, at time.Time) error {
	for len(changes) > 0 {
		some := changes[:min(len(changes), inserted)]
		changes = changes[len(some):]
		insert := squirrel.Insert(inbox).Columns("peer", "seq", "last", "model", "change", "received_at")
		for i := range some {
			body, err := encode(&some[i])
			if err != nil {
				return err
			}
			insert = insert.Values(peer, some[i].Seq, some[i].Last, some[i].Model, string(body), backend.Moment(at))
		}
		if _, err := tx.Exec(ctx, insert); err != nil {
			return fmt.Errorf("store changes: %w", err)
		}
	}
	return nil
}

// span are the changes of a transaction in the inbox, from one position to another.
type span struct{ from, upto int64 }

// nextSpan finds the first whole transaction that waits after a position.
func nextSpan(ctx context.Context, q store.Querier, peer string, after int64) (s span, found bool, err error) {
	found, err = store.One(ctx, q, squirrel.Expr("SELECT seq FROM "+inbox+" WHERE peer = ? AND seq > ? AND processed_at IS NULL ORDER BY seq LIMIT 1", peer, after), &s.from)
	if err != nil || !found {
		return s, false, err
	}
	found, err = store.One(ctx, q, squirrel.Expr("SELECT seq FROM "+inbox+" WHERE peer = ? AND seq >= ? AND processed_at IS NULL AND last ORDER BY seq LIMIT 1", peer, s.from), &s.upto)
	return s, found, err
}

// models are those of the changes of a span.
func (s span) models(ctx context.Context, q store.Querier, peer string) ([]string, error) {
	return texts(ctx, q, squirrel.Select("DISTINCT model").From(inbox).Where(s.where(peer)))
}

func (s span) where(peer string) squirrel.Sqlizer {
	return squirrel.Expr("peer = ? AND seq >= ? AND seq <= ? AND processed_at IS NULL", peer, s.from, s.upto)
}

// read is how many changes of a transaction are in memory at once.
const read = 200

// each calls do for the changes of a span, in order, some at a time.
func (s span) each(ctx context.Context, q store.Querier, peer string, do func([]*Change) error) error {
	for {
		var some []*Change
		query := squirrel.Select("change").From(inbox).Where(s.where(peer)).Where("state <> 'skipped'").OrderBy("seq").Limit(read)
		err := store.Each(ctx, q, query, func(rows store.Rows) error {
			var body string
			if err := rows.Scan(&body); err != nil {
				return err
			}
			c := &Change{}
			some = append(some, c)
			return decode([]byte(body), c)
		})
		if err != nil {
			return err
		}
		if err := do(some); err != nil || len(some) < read {
			return err
		}
		s.from = some[len(some)-1].Seq + 1
	}
}

// changeError is what is wrong with a change of the inbox.
type changeError struct {
	seq int64
	err error
}

func (e *changeError) Error() string { return fmt.Sprintf("change %d: %v", e.seq, e.err) }
func (e *changeError) Unwrap() error { return e.err }

// done notes that a span is done: what was not skipped or refused is applied.
func (s span) done(ctx context.Context, tx store.Tx, peer string, at time.Time) error {
	_, err := tx.Exec(ctx, squirrel.Update(inbox).Set("processed_at", backend.Moment(at)).
		Set("state", squirrel.Expr("CASE WHEN state IN ('skipped', 'refused') THEN state ELSE 'applied' END")).
		Set("error", squirrel.Expr("CASE WHEN state IN ('skipped', 'refused') THEN error ELSE '' END")).Where(s.where(peer)))
	return err
}

// fail notes why a change can't be applied.
func fail(ctx context.Context, tx store.Tx, peer string, failed *changeError) error {
	_, err := tx.Exec(ctx, squirrel.Update(inbox).Set("state", "failed").Set("error", failed.err.Error()).Set("failures", squirrel.Expr("failures + 1")).
		Where(squirrel.Expr("peer = ? AND seq = ?", peer, failed.seq)))
	return err
}
