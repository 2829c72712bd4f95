package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/remote"
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
func (m *Model) Remap(ctx context.Context, scope any) (report.Result, error) {
	r := newRun(m, Call{Scope: scope, Strategy: m.Strategy})
	return r.ended(ctx, r.fail(0, r.remap(ctx)))
}

func (r *run) remap(ctx context.Context) error {
	if r.m.Table.Data == "" {
		return errNoObjects
	}
	scopes := []any{r.call.Scope}
	if r.call.Scope == nil && r.m.Table.Scope != "" {
		var err error
		if scopes, err = r.m.scopes(ctx); err != nil {
			return err
		}
	}
	for _, scope := range scopes {
		r.call.Scope = scope
		if err := r.remapScope(ctx); err != nil {
			return err
		}
	}
	return nil
}

// scopes lists those that have rows of another mapping.
func (m *Model) scopes(ctx context.Context) ([]any, error) {
	column := store.Quote(m.Table.Scope)
	selected := column
	if m.Table.ScopeKind != backend.Int {
		selected = "CAST(" + column + " AS text)"
	}
	var scopes []any
	err := m.eachID(ctx, m.DB, squirrel.Select(selected).Distinct().From(store.Quote(m.Table.Name)).
		Where(m.outdated(nil)).Where(column+" IS NOT NULL").OrderBy(selected), m.Table.ScopeKind,
		func(scope backend.ID) { scopes = append(scopes, scope.Value()) })
	return scopes, err
}

// outdated are the rows of a scope that have an object and that this mapping did
// not make, as far as their fingerprints tell.
func (m *Model) outdated(scope any) squirrel.And {
	where := append(m.Table.Where(scope), squirrel.Expr(store.Quote(m.Table.Data)+" IS NOT NULL"))
	if m.Table.Hash == "" {
		return where
	}
	hash := store.Quote(m.Table.Hash)
	return append(where, squirrel.Or{squirrel.Expr(hash + " IS NULL"), m.otherMapping()})
}

func (m *Model) otherMapping() squirrel.Sqlizer {
	bits, mapping := m.Plan.Mapping()
	return squirrel.Expr(fmt.Sprintf("(%s >> %d) <> ?", store.Quote(m.Table.Hash), bits), mapping)
}

// remapScope goes through a scope in the order of the remote ids.
func (r *run) remapScope(ctx context.Context) error {
	var after *backend.ID
	for {
		var n int
		err := r.transact(ctx, func(tx backend.Tx) error {
			b, err := r.readBatch(ctx, tx, after)
			if err != nil || b.read == 0 {
				return err
			}
			n, after = b.read, &b.last
			if err := r.rewrite(ctx, tx, r.m.Table, &b.live); err != nil {
				return err
			}
			return r.rewrite(ctx, tx, r.m.stayingCanceled(), &b.canceled)
		})
		if err != nil {
			return err
		}
		if n < remapBatch {
			return nil
		}
	}
}

// remapped are the rows of a batch.
type remapped struct {
	read           int
	last           backend.ID
	live, canceled page
}

// readBatch reads the next rows. They are locked until their transaction ends, so
// that no run writes or removes them meanwhile and has its work undone.
func (r *run) readBatch(ctx context.Context, tx backend.Tx, after *backend.ID) (remapped, error) {
	t := r.m.Table
	hash := "NULL"
	if t.Hash != "" {
		hash = store.Quote(t.Hash)
	}
	query := r.m.selecting().Column(hash).Where(r.m.outdated(r.call.Scope)).OrderBy(store.Quote(t.ID)).Limit(remapBatch)
	if after != nil {
		query = query.Where(squirrel.Expr(store.Quote(t.ID)+" > ?", after.Value()))
	}
	if suffix := tx.Dialect().Lock(); suffix != "" {
		query = query.Suffix(suffix)
	}
	var b remapped
	rows, err := tx.Query(ctx, query)
	if err != nil {
		return b, err
	}
	defer rows.Close()
	for rows.Next() {
		var l loaded
		var hash *int64
		if l.id, l.rec, l.nulls, err = t.Scan(rows, &l.canceled, &hash); err != nil {
			return b, err
		}
		b.read, b.last = b.read+1, l.id
		into := &b.live
		if l.canceled {
			into = &b.canceled
		}
		if err := r.takeStored(into, l, hash); err != nil {
			return b, &recordError{l.id.String(), err}
		}
	}
	return b, rows.Err()
}

// takeStored takes a row in, to be mapped from its stored object, if it has one.
func (r *run) takeStored(into *page, l loaded, hash *int64) error {
	var keys []plan.Key
	var text, typ string
	for c, column := range r.m.Table.Columns {
		if column.Name != r.m.Table.Data && !column.Parent {
			continue
		}
		v, err := backend.Plain(l.rec.Pointers[c])
		if err != nil {
			return err
		}
		switch {
		case column.Name == r.m.Table.Data:
			text, _ = v.(string)
			typ = column.DBType
		case v != nil:
			keys = append(keys, plan.Key{Column: column.Name, Value: backend.AnyID(v).Value()})
		}
	}
	if text == "" || text == "null" {
		return nil
	}
	o, err := remote.ParseObject([]byte(text))
	if err != nil {
		return fmt.Errorf("the stored object: %w", err)
	}
	id, err := r.m.Plan.ID(o)
	if err == nil && id != l.id {
		err = fmt.Errorf("the stored object is that of %s", id)
	}
	if err != nil {
		return err
	}
	row := r.row(id, o, keys...)
	row.Quarantine = false // it is not the remote that sent it now
	if hash != nil && typ == "jsonb" {
		// The object is not spelled as it was received.
		row.Hash = r.m.Plan.Refingerprint(*hash)
	}
	into.add(row, o, keys...)
	return nil
}

// rewrite writes mapped rows and calls the handler.
func (r *run) rewrite(ctx context.Context, tx backend.Tx, t *backend.Table, p *page) error {
	if len(p.rows) == 0 {
		return nil
	}
	if err := r.resolve(ctx, tx, p); err != nil {
		return err
	}
	current := *t
	current.Version = "" // what is stored is no older than itself, whatever tells its version now
	outcomes, err := tx.Write(ctx, &current, r.call.Scope, p.rows)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	r.committed(func() {
		r.result.Records += len(p.rows)
		for _, o := range outcomes {
			if o.Change == backend.Unchanged {
				r.result.Unchanged++
			} else {
				r.result.Updated++
			}
		}
	})
	if err := r.handle(ctx, tx, changes(p.rows, outcomes)); err != nil {
		return err
	}
	return r.await(ctx, tx, p.waiting)
}

// stayingCanceled is the table as cancelled rows are mapped again: they stay
// cancelled, and without a fingerprint, so that they are looked at when the remote
// lists them again.
func (m *Model) stayingCanceled() *backend.Table {
	t := *m.Table
	t.Columns = slices.Clone(t.Columns)
	for c := range t.Columns {
		t.Columns[c].Managed = t.Columns[c].Managed && t.Columns[c].Name != t.Canceled
	}
	t.Canceled, t.Hash = "", ""
	return &t
}

// NeedsRemap says whether another mapping made a row whose object is stored. Most
// looks at so many rows only, 0 at all.
func (m *Model) NeedsRemap(ctx context.Context, most uint64) (bool, error) {
	switch {
	case m.Table.Data == "":
		return false, errNoObjects
	case m.Table.Hash == "":
		return false, errNoFingerprints
	}
	data := store.Quote(m.Table.Data)
	rows := squirrel.Select(store.Quote(m.Table.Hash)).From(store.Quote(m.Table.Name)).
		Where(m.Table.Where(nil)).Where(store.Quote(m.Table.Hash) + " IS NOT NULL AND " + data + " IS NOT NULL")
	if m.Table.Scope != "" {
		rows = rows.Where(store.Quote(m.Table.Scope) + " IS NOT NULL") // no run has it
	}
	if most > 0 {
		rows = rows.Limit(most)
	}
	needs := false
	answer, err := m.DB.Query(ctx, squirrel.Expr("SELECT EXISTS (SELECT 1 FROM (?) AS synced_rows WHERE ?)", rows, m.otherMapping()))
	if err != nil {
		return false, err
	}
	defer answer.Close()
	for answer.Next() {
		if err := answer.Scan(&needs); err != nil {
			return false, err
		}
	}
	return needs, answer.Err()
}
