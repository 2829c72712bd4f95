package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/Masterminds/squirrel"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/zeebo/xxh3"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
)

// errNotAsked is an API that leaves out a list that it was to send.
var errNotAsked = errors.New("the remote says that nothing was modified, which it was not asked")

// conditional says that the run may ask whether anything was modified at all, and
// may leave a validator for the next one.
func (r *run) conditional() bool {
	return r.m.Validators && r.m.fingerprinted() && r.plan.Since.IsZero() &&
		r.progress.position == "" && !r.plan.Compare && !r.call.DryRun && !r.call.Given && !r.call.Filtered
}

// fingerprinted says that rows tell whether they are as they were written, and
// those of nested records as well.
func (m *Model) fingerprinted() bool {
	for _, a := range m.Associations {
		if !a.Child.fingerprinted() {
			return false
		}
	}
	return m.Table.Hash != ""
}

// shape is what must be the same for a validator to be of use: what is asked for,
// what is removed, and how objects become rows.
func (r *run) shape() (string, error) {
	request := r.call.Request
	text, err := json.Marshal(map[string]any{
		"endpoint": request.Endpoint, "fields": request.Fields, "include": request.Include, "query": request.Query,
		"removal": r.call.Removal.Kind, "column": r.call.Removal.Column, "tombstone": r.m.Tombstone != nil, "mappings": r.m.mappings(),
	}, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	return strconv.FormatUint(xxh3.Hash(text), 16), err
}

func (m *Model) mappings() []int64 {
	_, mapping := m.Plan.Mapping()
	all := []int64{mapping}
	for _, a := range m.Associations {
		all = append(all, a.Child.mappings()...)
	}
	return all
}

// request is what the run asks for.
func (r *run) request(ctx context.Context) (remote.Request, error) {
	request := r.call.Request
	request.UpdatedSince = r.plan.Since
	if !r.conditional() {
		return request, nil
	}
	var err error
	if request.Validator, err = r.lastValidator(ctx); err != nil {
		return request, fmt.Errorf("read the validator of the last complete run: %w", err)
	}
	r.asked304 = request.Validator != ""
	return request, nil
}

// lastValidator is that of the last run, "" where the run is to see everything.
func (r *run) lastValidator(ctx context.Context) (string, error) {
	shape, err := r.shape()
	if err != nil {
		return "", err
	}
	validator, err := ledger.ValidatorOf(ctx, r.m.DB, r.m.scope(r.call.Scope), shape)
	if err != nil || validator == "" {
		return "", err
	}
	unsettled, err := r.m.unsettled(ctx, r.call.Scope)
	if err != nil || unsettled {
		return "", err
	}
	return validator, nil
}

// unsettled says that a row of the scope, or one of a nested record, is to be
// looked at: it was edited here, or another mapping made it. Cancelled rows are
// without a fingerprint anyway.
func (m *Model) unsettled(ctx context.Context, scope any) (bool, error) {
	if m.Table.Scope == "" {
		scope = nil
	}
	where := append(m.Table.Where(scope), squirrel.Or{squirrel.Expr(store.Quote(m.Table.Hash) + " IS NULL"), m.otherMapping()})
	if m.Table.Canceled != "" {
		where = append(where, squirrel.Expr(store.Quote(m.Table.Canceled)+" IS NULL"))
	}
	found := false
	err := store.Each(ctx, m.DB, squirrel.Select("1").From(store.Quote(m.Table.Name)).Where(where).Limit(1),
		func(store.Rows) error { found = true; return nil })
	for _, a := range m.Associations {
		if err == nil && !found {
			found, err = a.Child.unsettled(ctx, scope)
		}
	}
	return found, err
}

// dropValidator forgets the scope's validator, before the run's first write: if
// the remote's list became again what it was at that time, the rows would not.
func (r *run) dropValidator(ctx context.Context, tx backend.Tx) error {
	if r.dropped {
		return nil
	}
	r.dropped = true // a run ends with the first transaction that fails
	if _, err := r.m.forgetValidators(ctx, tx, r.m.scope(r.call.Scope)); err != nil {
		return fmt.Errorf("forget the validator: %w", err)
	}
	return nil
}

// forgetValidators forgets those of a scope, or of every scope, and counts them.
func (m *Model) forgetValidators(ctx context.Context, tx backend.Tx, scope ledger.Scope) (int64, error) {
	if !m.Validators {
		return 0, nil
	}
	return ledger.DropValidator(ctx, tx, scope)
}

// keepValidator keeps the first page's validator for the next run, when the rows
// are all that the remote listed, and nothing is left to be done.
func (r *run) keepValidator(ctx context.Context, tx backend.Tx) error {
	seen := r.tally.size()
	if r.validator == "" || !r.conditional() || r.result.Refused != nil || seen == 0 || r.totals.doubt(seen) != "" || r.leaves() {
		return nil
	}
	shape, err := r.shape()
	if err != nil {
		return err
	}
	if err := ledger.PutValidator(ctx, tx, r.m.scope(r.call.Scope), r.validator, shape); err != nil {
		return fmt.Errorf("keep the validator: %w", err)
	}
	return nil
}

// leaves says that the run left records in quarantine.
func (r *run) leaves() bool {
	for _, k := range r.kids {
		if k.leaves() {
			return true
		}
	}
	return len(r.aside) > 0
}

// acceptNotModified takes note of a list that is as the last run left it.
func (r *run) acceptNotModified(p *remote.Page) (*page, error) {
	if !r.asked304 || r.result.Pages != 1 || len(p.Objects) > 0 {
		return nil, errNotAsked
	}
	r.result.NotModified = true
	if r.plan.StoreTime {
		// Without a time, the next run asks for everything once more.
		_ = r.clock.start(r.plan.Sources, p, r.started)
	}
	return &page{number: p.Number}, nil
}
