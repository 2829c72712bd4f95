package write

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// follower has the rows of a model follow those of a parent that their objects name:
// their keys become null when it goes, and are filled when it comes.
type follower struct{ model.Dependent }

// followersOf returns those of a model that others belong to.
func followersOf(m *model.Model) []follower {
	dependents := m.Dependents()
	list := make([]follower, len(dependents))
	for i, d := range dependents {
		list[i] = follower{d}
	}
	return list
}

// scope returns which rows may follow the parents of a scope.
func (f follower) scope(of any) ledger.Scope {
	if f.Child.Table.Scope != "" && of == nil {
		return ledger.EveryScope(f.Child.Table.Name)
	}
	if f.Child.Table.Scope == "" {
		of = nil
	}
	return f.Child.Scope(of)
}

// scopeValue returns a scope that is kept as text, and nil where there is none.
func (f follower) scopeValue(text string) (any, error) {
	if f.Child.Table.Scope == "" {
		return nil, nil
	}
	id, err := backend.ParseID(f.Child.Table.ScopeKind, text)
	return id.Value(), err
}

// named returns what an error is about.
func (f follower) named(err error) error {
	return fmt.Errorf("keep %s.%s in step with %s: %w", f.Child.Table.Name, f.Parent.Column, f.Parent.Model.Table.Name, err)
}

// pointed is a row, and the local key of the parent that it points to.
type pointed struct {
	id  backend.ID
	key backend.ID
}

// arrive gives the rows of a scope that waited for parents their keys, once they are
// here: those of every parent, or of the given ones.
func (f follower) arrive(ctx context.Context, tx *commit.Tx, scope ledger.Scope, parents []backend.ID) error {
	waiting := map[string][]ledger.Waiting{} // by scope
	err := ledger.EachWaiting(ctx, tx, scope, f.Parent.Column, parents, func(w ledger.Waiting) error {
		waiting[w.Scope] = append(waiting[w.Scope], w)
		return nil
	})
	for text, list := range waiting {
		if err == nil {
			err = f.arriveIn(ctx, tx, text, list, parents == nil)
		}
	}
	if err != nil {
		return f.named(err)
	}
	return nil
}

// arriveIn does so in one scope. Of all that wait, it forgets some that somebody has
// deleted.
func (f follower) arriveIn(ctx context.Context, tx *commit.Tx, scopeText string, waiting []ledger.Waiting, all bool) error {
	scope, err := f.scopeValue(scopeText)
	if err != nil {
		return err
	}
	parentOf, named := map[backend.ID]backend.ID{}, map[backend.ID]bool{}
	for _, w := range waiting {
		id, err := f.Child.Table.ParseID(w.ID)
		if err != nil {
			return err
		}
		of, err := f.Parent.Model.Table.ParseID(w.Parent)
		if err != nil {
			return err
		}
		parentOf[id], named[of] = of, true
	}
	if all {
		if err := forgetGone(ctx, tx, f.Child, scope, some(parentOf)); err != nil {
			return err
		}
	}
	ids := make([]backend.ID, 0, len(named))
	for id := range named {
		ids = append(ids, id)
	}
	keys, err := rows.ParentKeys(ctx, tx, f.Parent, scope, ids)
	if err != nil || len(keys) == 0 {
		return err
	}
	var children, here []backend.ID
	for id, of := range parentOf {
		if _, ok := keys[of]; ok {
			children = append(children, id)
		}
	}
	for of := range keys {
		here = append(here, of)
	}
	var list []pointed
	for some := range slices.Chunk(children, rows.Batch) {
		lost, err := f.lost(ctx, tx, scope, some)
		if err != nil {
			return err
		}
		for _, id := range lost {
			list = append(list, pointed{id, keys[parentOf[id]]})
		}
	}
	if err := f.point(ctx, tx, scope, list); err != nil {
		return err
	}
	return ledger.Arrived(ctx, tx, f.Child.Scope(scope), f.Parent.Column, here)
}

// some returns a batch of the rows that wait, others each time.
func some(waiting map[backend.ID]backend.ID) []backend.ID {
	list := make([]backend.ID, 0, min(len(waiting), rows.Batch))
	for id := range waiting { // in an order that changes
		if len(list) == rows.Batch {
			break
		}
		list = append(list, id)
	}
	return list
}

// lost lists those of the rows that point to no parent: their key is null, or that of a
// row that is gone. It locks them.
func (f follower) lost(ctx context.Context, tx *commit.Tx, scope any, ids []backend.ID) ([]backend.ID, error) {
	t, parent := f.Child.Table, f.Parent.Model.Table
	column := store.Quote(t.Name) + "." + store.Quote(f.Parent.Column)
	there := squirrel.Select("1").From(store.Quote(parent.Name) + " AS synced_parent").Where("synced_parent." + store.Quote(parent.Key) + " = " + column)
	where := append(tx.Dialect().Rows(t, scope, ids), squirrel.Expr("("+column+" IS NULL OR NOT EXISTS (?))", there))
	return rows.IDs(ctx, tx, squirrel.Select(t.Selected()[0]).From(store.Quote(t.Name)).Where(where).Suffix(tx.Dialect().Lock()), t.IDKind)
}

// pointers are rows that point to parents, by scope.
type pointers map[any][]pointed

// pointers finds the rows that point to parents of a scope, by their local keys, and
// locks them.
func (f follower) pointers(ctx context.Context, tx *commit.Tx, of any, keys []backend.ID) (pointers, error) {
	t, kind := f.Child.Table, f.Parent.Model.Table.KeyKind
	column := store.Quote(f.Parent.Column)
	id, key, in := t.NewID(), backend.NewID(kind), backend.NewID(t.ScopeKind)
	columns, dest := []string{t.Selected()[0], asText(column, kind)}, []any{id, key}
	every := t.Scope != "" && of == nil
	var scope any
	where := append(t.Where(nil), tx.Dialect().AnyID(column, kind, keys))
	switch {
	case every:
		columns, dest = append(columns, asText(store.Quote(t.Scope), t.ScopeKind)), append(dest, in)
		where = append(where, squirrel.Expr(store.Quote(t.Scope)+" IS NOT NULL"))
	case t.Scope != "":
		scope = of
		where = append(where, squirrel.Expr(store.Quote(t.Scope)+" = ?", of))
	}
	found := pointers{}
	err := store.Each(ctx, tx, squirrel.Select(columns...).From(store.Quote(t.Name)).Where(where).Suffix(tx.Dialect().Lock()), func(r store.Rows) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		if every {
			scope = backend.IDOf(in).Value()
		}
		found[scope] = append(found[scope], pointed{backend.IDOf(id), backend.IDOf(key)})
		return nil
	})
	if err != nil {
		return nil, f.named(err)
	}
	return found, nil
}

// leave has the rows that point to parents that go point to none, and wait for them.
// Gone are the parents' remote ids by their local keys. A column that can't be null
// keeps the key, which is no other row's, until the parent is back.
func (f follower) leave(ctx context.Context, tx *commit.Tx, found pointers, gone map[backend.ID]backend.ID) error {
	for scope, list := range found {
		var waiting []ledger.Waiting
		var left []pointed
		for _, p := range list {
			if parent, ok := gone[p.key]; ok {
				left = append(left, pointed{id: p.id})
				waiting = append(waiting, ledger.Waiting{Column: f.Parent.Column, ID: p.id.String(), Parent: parent.String()})
			}
		}
		if !f.column().NotNull {
			if err := f.point(ctx, tx, scope, left); err != nil {
				return f.named(err)
			}
		}
		if err := ledger.Await(ctx, tx, f.Child.Scope(scope), waiting); err != nil {
			return f.named(err)
		}
	}
	return nil
}

// column returns the column that keeps the parent's key.
func (f follower) column() backend.Column {
	return f.Child.Table.Columns[f.Child.Table.Index(f.Parent.Column)]
}

// asText selects a column of keys as [backend.NewID] reads it.
func asText(column string, kind backend.Kind) string {
	if kind == backend.Int {
		return column
	}
	return "CAST(" + column + " AS text)"
}

// point writes the keys of rows that are locked, null where there is none, and tells of
// it. The rows keep their fingerprints: they are what a run would make of their objects
// now.
func (f follower) point(ctx context.Context, tx *commit.Tx, scope any, list []pointed) error {
	for some := range slices.Chunk(list, rows.Batch) {
		ids := make([]backend.ID, len(some))
		for i, p := range some {
			ids[i] = p.id
		}
		slices.SortFunc(ids, backend.ID.Compare)
		before, err := f.told(ctx, tx, scope, ids)
		if err != nil {
			return err
		}
		if err := f.set(ctx, tx, scope, ids, some); err != nil {
			return err
		}
		after, err := f.told(ctx, tx, scope, ids)
		if err != nil {
			return err
		}
		var changes []model.Change
		for _, id := range ids {
			now, ok := after[id]
			switch {
			case ok && now.Canceled:
				changes = append(changes, stillRemoved(id, before[id].Row.Value))
			case ok:
				changes = append(changes, model.Change{Kind: report.Updated, ID: id, Old: before[id].Row.Value, New: now.Row.Value})
			}
		}
		if err := tx.Changed(ctx, f.Child, scope, changes); err != nil {
			return err
		}
	}
	return nil
}

// told reads rows for those who are told of changes, if there are any.
func (f follower) told(ctx context.Context, tx *commit.Tx, scope any, ids []backend.ID) (map[backend.ID]rows.Stored, error) {
	if f.Child.OnChange == nil && !f.Child.Outbox && !tx.Lists() {
		return nil, nil
	}
	return rows.LoadAll(ctx, tx, f.Child, scope, ids)
}

// set writes the keys. The trigger that guards the fingerprint leaves it alone where it
// changes with the key: it is inverted, and then inverted back.
func (f follower) set(ctx context.Context, tx *commit.Tx, scope any, ids []backend.ID, list []pointed) error {
	t := f.Child.Table
	where := tx.Dialect().Rows(t, scope, ids)
	update := squirrel.Update(store.Quote(t.Name)).Where(where)
	set := update.Set(store.Quote(f.Parent.Column), f.keys(list))
	if t.Touch.Name != "" {
		set = set.Set(store.Quote(t.Touch.Name), backend.Moment(time.Now()))
	}
	if t.Hash == "" {
		return backend.AsRun(ctx, tx, t.Journaled, func() error {
			_, err := tx.Exec(ctx, set)
			return err
		})
	}
	hash := store.Quote(t.Hash)
	err := backend.AsRun(ctx, tx, t.Journaled, func() error {
		_, err := tx.Exec(ctx, set.Set(hash, squirrel.Expr("~"+hash)))
		return err
	})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, update.Set(hash, squirrel.Expr("~"+hash)).Where(hash+" IS NOT NULL"))
	return err
}

// keys returns the keys as a value for rows.
func (f follower) keys(list []pointed) any {
	then := " WHEN ? THEN ?"
	if typ := f.column().DBType; typ != "" {
		then = " WHEN ? THEN CAST(? AS " + typ + ")"
	}
	var sql strings.Builder
	var args []any
	for _, p := range list {
		if p.key != (backend.ID{}) {
			sql.WriteString(then)
			args = append(args, p.id.Value(), p.key.Value())
		}
	}
	if len(args) == 0 {
		return nil
	}
	return squirrel.Expr("CASE "+store.Quote(f.Child.Table.ID)+sql.String()+" END", args...)
}
