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
	"github.com/syncedgo/synced/internal/rows"
)

// conditional reports whether the run may ask whether anything was modified at all,
// and may leave a validator for the next one.
func (r *run) conditional() bool {
	return r.kind == complete && r.pass.position == "" && !r.call.Filtered && r.m.Fingerprinted()
}

// shape is what must be the same for a validator or a position to be of use: what is
// asked for, what is removed, and how objects become rows.
func (r *run) shape() (string, error) {
	request := r.call.Request
	text, err := json.Marshal(map[string]any{
		"endpoint": request.Endpoint, "fields": request.Fields, "include": request.Include, "query": request.Query,
		"removal": r.call.Removal.Kind, "column": r.call.Removal.Column, "tombstone": r.m.Tombstone != nil, "mappings": r.m.Mappings(),
	}, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	return strconv.FormatUint(xxh3.Hash(text), 16), err
}

// lastValidator returns that of the last run, "" where the run must see everything.
func (r *run) lastValidator(ctx context.Context) (string, error) {
	shape, err := r.shape()
	if err != nil {
		return "", err
	}
	validator, err := ledger.ValidatorOf(ctx, r.m.DB, r.m.Scope(r.call.Scope), shape)
	if err == nil && validator != "" {
		var unsettled bool
		if unsettled, err = rows.Unsettled(ctx, r.m, r.call.Scope); unsettled {
			validator = ""
		}
	}
	if err != nil {
		return "", fmt.Errorf("read the validator of the last complete run: %w", err)
	}
	return validator, nil
}

// keepValidator keeps the first page's validator for the next run, when the rows
// are all that the remote listed, and nothing is left to be done.
func (r *run) keepValidator(ctx context.Context, tx *commit.Tx, refused bool) error {
	validator := r.listing.Validator()
	if validator == "" || !r.conditional() || refused || r.listing.Size() == 0 || r.listing.Doubt() != "" || r.writer.LeftQuarantined() {
		return nil
	}
	shape, err := r.shape()
	if err != nil {
		return err
	}
	if err := ledger.PutValidator(ctx, tx, r.m.Scope(r.call.Scope), validator, shape); err != nil {
		return fmt.Errorf("keep the validator: %w", err)
	}
	return nil
}
