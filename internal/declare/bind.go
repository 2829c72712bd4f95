package declare

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/stamp"
	"github.com/syncedgo/synced/store"
)

// Bound is a declaration that is bound to a database. It does not change, and is
// safe for concurrent use.
type Bound struct {
	// Model is what runs know of the declaration.
	Model    *model.Model
	declared Declaration    // with its defaults
	table    *backend.Table // as the declaration wants it
	// cancelable reports whether the table has a column canceled_at, and childCanceled is
	// that column where it cancels rows as their parents are, or else "".
	cancelable    bool
	childCanceled string
}

// binding is a planned declaration beside the tables of a database.
type binding struct {
	*planned
	described
	db backend.Store
}

// Bind checks a declaration, compares it with the table, and returns it bound to
// the database. It reads, and writes only the times that it takes over. Errors name the table, and what to do.
func (d Declaration) Bind(ctx context.Context, db store.Store) (*Bound, error) {
	bound, err := d.bind(ctx, db)
	if err != nil {
		return nil, d.fail(err)
	}
	bound.Model.Relate()
	bound.noteShared(ctx)
	bound.hint(ctx)
	return bound, nil
}

// Schema returns parts of the DDL that fits the declaration, and the table as it was.
func (b *Bound) Schema(parts backend.Part) string {
	return b.Model.DB.Dialect().Schema(b.table, parts)
}

func (d Declaration) bind(ctx context.Context, db store.Store) (*Bound, error) {
	opened, err := backend.Of(db)
	if err != nil {
		return nil, err
	}
	p, err := d.planned(opened)
	if err != nil {
		return nil, err
	}
	b := &binding{planned: p, db: opened}
	if b.described, err = p.describe(ctx, opened); err != nil {
		return nil, err
	}
	table, err := b.bindTable()
	if err != nil {
		return nil, err
	}
	bound := &Bound{table: table, declared: p.Declaration}
	_, bound.cancelable = b.found.Column(autoColumn)
	bound.childCanceled = b.childCanceled()
	bound.declared.Remove = p.Remove.settled(table)
	table = b.guarded(ctx, table)
	if b.Expand > 0 && table.Hash == "" {
		return nil, fmt.Errorf("with Expand the fingerprint of a row tells whether its record must be asked for, and the table has no column %q that a trigger guards: Schema has the DDL", hashColumn)
	}
	b.noteHidden(ctx)
	if bound.Model, err = b.model(table, bound.declared.Remove); err != nil {
		return nil, err
	}
	if b.Quarantine == nil {
		// An earlier declaration may have left records in quarantine.
		bound.Model.Quarantine.Leftover, err = ledger.HasQuarantined(ctx, opened, ledger.EveryScope(b.Table))
	}
	if err == nil {
		err = stamp.TakeOver(ctx, opened, bound.Model, b.Log)
	}
	return bound, err
}

// bindTable returns the finished table: the planned one, with what the database
// says of it.
func (b *binding) bindTable() (*backend.Table, error) {
	t := b.table
	var err error
	if t.ScopeKind, t.ScopeType, err = b.scopeColumn(); err != nil {
		return nil, err
	}
	if err := b.plan.Bind(b.found); err != nil {
		return nil, err
	}
	if b.Quarantine == nil { // which keeps such records apart
		if err := b.plan.CheckNulls(); err != nil {
			return nil, err
		}
	}
	if err := b.plan.CheckVersion(); err != nil {
		return nil, err
	}
	if t.Canceled, t.Flag, err = b.canceledColumn(); err != nil {
		return nil, err
	}
	if t.Touch.Type, t.Created.Type, err = b.touchTypes(); err != nil {
		return nil, err
	}
	b.plan.Manage(t.Canceled)
	if b.OnChange == nil {
		b.plan.Unread()
	}
	if err := stamp.Check(b.Timestamps, b.found); err != nil {
		return nil, err
	}
	if err := b.checkID(); err != nil {
		return nil, err
	}
	if err := b.checkHash(); err != nil {
		return nil, err
	}
	t.Columns = b.plan.Columns()
	if err := checkUnique(&t, b.found); err != nil {
		return nil, err
	}
	t.Served = served(&t, b.found)
	indexed(&t, b.found)
	if err := checkFilled(&t, b.found); err != nil {
		return nil, err
	}
	if t.Translations, err = b.translations(); err != nil {
		return nil, err
	}
	t.Unread = b.OnChange == nil && !b.Outbox
	t.Journaled = b.found.Journaled()
	return &t, nil
}

// guarded returns the table as runs see it: they go by fingerprints only where a
// trigger takes them away from rows that are edited locally.
func (b *binding) guarded(ctx context.Context, t *backend.Table) *backend.Table {
	if _, ok := b.found.Column(t.Hash); ok && b.found.Guard == t.Guard() {
		return t
	}
	b.noteUnguarded(ctx)
	plain := *t
	plain.Hash = ""
	return &plain
}

// model makes what runs know.
func (b *binding) model(t *backend.Table, removal Removal) (*model.Model, error) {
	t, associations, err := b.associate(t)
	if err != nil {
		return nil, err
	}
	t, parents, err := b.parents(t)
	if err != nil {
		return nil, err
	}
	each, err := b.each(t)
	if err != nil {
		return nil, err
	}
	m := &model.Model{
		DB: b.db, Each: each, Table: t, Plan: b.plan, Removal: removal.Removal,
		Associations: associations, Parents: parents,
		Strategy: b.Strategy, Timestamps: b.Timestamps, Observer: b.Observer,
		Tombstone: b.Tombstone, Shows: model.Shows{Redactor: b.redactor, Partial: b.Partial, Expand: b.Expand}, OnChange: b.OnChange, Outbox: b.Outbox,
	}
	if b.Quarantine != nil {
		m.Quarantine = model.Quarantine{On: true, Limit: b.Quarantine.Limit}
	}
	return m, nil
}

// hintRows is how many rows are looked at for the hint.
const hintRows = 1000

// hint tells the log that Remap has something to do, as far as some rows show.
func (b *Bound) hint(ctx context.Context) {
	if !b.declared.Log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	if needs, err := engine.NeedsRemap(ctx, b.Model, hintRows); err == nil && needs {
		b.declared.Log.DebugContext(ctx, "synced: another declaration has mapped rows of the table: Remap maps their stored objects again", "model", b.declared.Table)
	}
}
