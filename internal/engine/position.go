package engine

import (
	"context"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/zeebo/xxh3"

	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/remote"
)

// positions reads and stores the position of a run's scope in the remote's changes.
type positions struct{ *run }

// read reads the position that the last run stored, where it asked for the same.
func (r positions) read(ctx context.Context) error {
	shape, err := asks(&r.call.Request)
	if err == nil {
		r.ask.Position, err = ledger.RemotePositionOf(ctx, r.m.DB, r.m.Scope(r.call.Scope), shape)
	}
	if err != nil {
		return fmt.Errorf("read the position of the last run: %w", err)
	}
	return nil
}

// save stores the position that the last page gave, for the next run to ask from.
// A complete run that may not store its own forgets the one before: rows that it removed
// are not in the changes since.
func (r positions) save(ctx context.Context, tx *commit.Tx) error {
	if !r.ask.KeepsPosition {
		return nil
	}
	scope := r.m.Scope(r.call.Scope)
	position, refused := r.listing.Position()
	if refused != "" {
		r.result.NotStored = refused
		if r.kind != complete || r.call.Filtered && !r.call.AllowRemoval {
			return nil
		}
		_, err := ledger.DropRemotePosition(ctx, tx, scope)
		return err
	}
	shape, err := asks(&r.call.Request)
	if err == nil {
		err = ledger.PutRemotePosition(ctx, tx, scope, position, shape)
	}
	if err != nil {
		return fmt.Errorf("store the position: %w", err)
	}
	tx.After(func() { r.result.StoredPosition = true })
	return nil
}

// asks returns a hash of what is asked for: a position is one in the list of changes to
// just that.
func asks(q *remote.Request) (string, error) {
	text, err := json.Marshal(map[string]any{"endpoint": q.Endpoint, "fields": q.Fields, "include": q.Include, "query": q.Query},
		json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	return strconv.FormatUint(xxh3.Hash(text), 16), err
}
