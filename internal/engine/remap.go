package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// remapBatch is how many rows are mapped again in one transaction.
const remapBatch = 500

// errNoObjects is a model that stores no objects to map again.
var errNoObjects = errors.New("nothing to map again: the model does not keep the remote objects; add SyncedData synced.Data `db:\"synced_data\"`, or run strategy.Full{}")

// errNoFingerprints is a table that does not tell which mapping made its rows.
var errNoFingerprints = errors.New("the table does not tell which mapping made its rows: it has no fingerprints that a trigger guards; Schema has the DDL")

// Remap maps the stored objects of a scope again, or of every scope, where
// another mapping made their rows.
func Remap(ctx context.Context, m *model.Model, scope any) (report.Result, error) {
	total := newRun(m, Call{Scope: scope, Strategy: m.Strategy})
	return told{run: total, call: "Remap"}.of(ctx, func(ctx context.Context) error {
		if m.Table.Data == "" {
			return errNoObjects
		}
		scopes := []any{scope}
		if scope == nil && m.Table.Scope != "" {
			var err error
			if scopes, err = outdatedScopes(ctx, m); err != nil {
				return err
			}
		}
		for _, scope := range scopes {
			r := remapping{newRun(m, Call{Scope: scope, Strategy: m.Strategy})}
			err := r.do(ctx)
			total.writer.Counts.Add(r.writer.Counts)
			total.result.Records += r.result.Records
			if err != nil {
				return r.fail(0, err)
			}
		}
		return nil
	})
}

// outdatedScopes lists those that have rows of another mapping.
func outdatedScopes(ctx context.Context, m *model.Model) ([]any, error) {
	column := store.Quote(m.Table.Scope)
	selected := column
	if m.Table.ScopeKind != backend.Int {
		selected = "CAST(" + column + " AS text)"
	}
	ids, err := rows.IDs(ctx, m.DB, squirrel.Select(selected).Distinct().From(store.Quote(m.Table.Name)).
		Where(rows.Outdated(m, nil)).Where(column+" IS NOT NULL").OrderBy(selected), m.Table.ScopeKind)
	scopes := make([]any, len(ids))
	for i, id := range ids {
		scopes[i] = id.Value()
	}
	return scopes, err
}

// remapping maps the stored objects of a scope again.
type remapping struct{ *run }

// do goes through a scope in the order of the remote ids.
func (r remapping) do(ctx context.Context) error {
	var after *backend.ID
	for {
		var b batch
		err := r.write(ctx, 0, func(ctx context.Context, tx *commit.Tx) error {
			var err error
			if b, err = r.readBatch(ctx, tx, after); err != nil || b.read == 0 {
				return err
			}
			records := len(b.live.Records) + len(b.canceled.Records)
			tx.After(func() { r.result.Records += records })
			if err := r.writer.Rewrite(ctx, tx, rewritten(r.m.Table), &b.live); err != nil {
				return err
			}
			return r.writer.Rewrite(ctx, tx, stayingCanceled(r.m.Table), &b.canceled)
		})
		if err != nil {
			return err
		}
		if b.read < remapBatch {
			return nil
		}
		after = &b.last
	}
}

// batch are the next rows of a scope.
type batch struct {
	read           int
	last           backend.ID
	live, canceled page.Page
}

// readBatch reads the next rows. They are locked until their transaction ends, so
// that no run writes or removes them meanwhile and has its work undone.
func (r remapping) readBatch(ctx context.Context, tx *commit.Tx, after *backend.ID) (batch, error) {
	t := r.m.Table
	column := "NULL"
	if t.Hash != "" {
		column = store.Quote(t.Hash)
	}
	query := rows.Selecting(r.m).Column(column).Where(rows.Outdated(r.m, r.call.Scope)).OrderBy(store.Quote(t.ID)).Limit(remapBatch).Suffix(tx.Dialect().Lock())
	if after != nil {
		query = query.Where(squirrel.Expr(store.Quote(t.ID)+" > ?", after.Value()))
	}
	b := batch{canceled: page.Page{Canceled: true}}
	return b, store.Each(ctx, tx, query, func(read store.Rows) (err error) {
		var s rows.Stored
		var hash *int64
		if s.ID, s.Row, s.Misfits, err = t.Scan(read, &s.Canceled, &hash); err != nil {
			return err
		}
		b.read, b.last = b.read+1, s.ID
		into := &b.live
		if s.Canceled {
			into = &b.canceled
		}
		if err := r.takeStored(into, s, hash); err != nil {
			return &model.RecordError{Record: s.ID.String(), Err: err}
		}
		return nil
	})
}

// takeStored takes a row in, to be mapped from its stored object, if it has one.
func (r remapping) takeStored(into *page.Page, s rows.Stored, hash *int64) error {
	o, kept, err := rows.Object(r.m, s)
	if err != nil || !kept {
		return err
	}
	var keys []plan.Key
	var typ string
	for c, column := range r.m.Table.Columns {
		switch {
		case column.Name == r.m.Table.Data:
			typ = column.DBType
		case column.Parent:
			v, err := backend.Plain(s.Row.Pointers[c])
			if err != nil {
				return err
			}
			if v != nil {
				keys = append(keys, plan.Key{Column: column.Name, Value: backend.AnyID(v).Value()})
			}
		}
	}
	record := r.feed.Maker.Record(s.ID, o, keys...)
	record.Quarantine = false // it is not the remote that sent it now
	if hash != nil && (typ == "jsonb" || r.m.Expand > 0) && (r.m.Expand == 0 || !r.m.Redactor.Hashes()) {
		// The object is not spelled as it was received, or the list has a summary of it. One
		// that another key may have hashed is asked for again.
		record.Hash = r.m.Plan.Refingerprint(*hash)
	}
	into.Records = append(into.Records, record)
	return nil
}

// rewritten is the table as stored objects are mapped again: what is stored is no
// older than itself, whatever tells its version now.
func rewritten(table *backend.Table) *backend.Table {
	t := *table
	t.Version = ""
	return &t
}

// stayingCanceled is the table as canceled rows are mapped again: they stay
// canceled, and without a fingerprint, so that they are looked at when the remote
// lists them again.
func stayingCanceled(table *backend.Table) *backend.Table {
	t := *rewritten(table)
	t.Columns = slices.Clone(t.Columns)
	for c := range t.Columns {
		t.Columns[c].Managed = t.Columns[c].Managed && t.Columns[c].Name != t.Canceled
	}
	t.Canceled, t.Hash = "", ""
	return &t
}

// NeedsRemap reports whether another mapping made a row whose object is stored. It
// looks at most rows, or at all of them if most is 0.
func NeedsRemap(ctx context.Context, m *model.Model, most uint64) (bool, error) {
	switch {
	case m.Table.Data == "":
		return false, errNoObjects
	case m.Table.Hash == "":
		return false, errNoFingerprints
	}
	some := squirrel.Select(store.Quote(m.Table.Hash)).From(store.Quote(m.Table.Name)).
		Where(m.Table.Where(nil)).Where(store.Quote(m.Table.Hash) + " IS NOT NULL AND " + store.Quote(m.Table.Data) + " IS NOT NULL")
	if m.Table.Scope != "" {
		some = some.Where(store.Quote(m.Table.Scope) + " IS NOT NULL") // no run has it
	}
	if most > 0 {
		some = some.Limit(most)
	}
	needs := false
	err := store.Each(ctx, m.DB, squirrel.Expr("SELECT EXISTS (SELECT 1 FROM (?) AS synced_rows WHERE ?)", some, rows.OtherMapping(m)),
		func(r store.Rows) error { return r.Scan(&needs) })
	if err != nil || needs || most > 0 {
		return needs, err
	}
	return rows.Adopted(ctx, m)
}
