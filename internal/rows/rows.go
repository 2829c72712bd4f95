// Package rows reads the rows of models as they are stored.
package rows

import (
	"context"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/store"
)

// Batch is how many rows are read or removed at a time.
const Batch = 1000

// Stored is a row as it is stored.
type Stored struct {
	ID       backend.ID
	Row      backend.Row
	Misfits  backend.Misfits
	Canceled bool
}

// Load reads rows by their ids, and calls found with each.
func Load(ctx context.Context, q backend.Querier, m *model.Model, scope any, ids []backend.ID, found func(Stored) error) error {
	return Read(ctx, q, m, Selecting(m).Where(q.Dialect().Rows(m.Table, scope, ids)), found)
}

// LoadLocked reads rows as Load does, in a transaction, and locks them: they stay as
// they are found until it ends.
func LoadLocked(ctx context.Context, tx backend.Querier, m *model.Model, scope any, ids []backend.ID, found func(Stored) error) error {
	query := Selecting(m).Where(tx.Dialect().Rows(m.Table, scope, ids)).Suffix(tx.Dialect().Lock())
	return Read(ctx, tx, m, query, found)
}

// Selecting returns the query for rows, as Read reads them.
func Selecting(m *model.Model) squirrel.SelectBuilder {
	canceled := "false"
	if m.Table.Canceled != "" {
		canceled = m.Table.IsCanceled()
	}
	return squirrel.Select(append(m.Table.Selected(), canceled)...).From(store.Quote(m.Table.Name))
}

// Read runs a query made of Selecting, and calls found with each row.
func Read(ctx context.Context, q backend.Querier, m *model.Model, query store.SQL, found func(Stored) error) error {
	return store.Each(ctx, q, query, func(r store.Rows) (err error) {
		var s Stored
		if s.ID, s.Row, s.Misfits, err = m.Table.Scan(r, &s.Canceled); err != nil {
			return err
		}
		return found(s)
	})
}

// LoadAll reads rows by their ids, with their translations.
func LoadAll(ctx context.Context, q backend.Querier, m *model.Model, scope any, ids []backend.ID) (map[backend.ID]Stored, error) {
	return loadAll(ctx, q, m, scope, ids, Load)
}

// LoadAllLocked reads rows as LoadAll does, in a transaction, and locks them.
func LoadAllLocked(ctx context.Context, tx backend.Querier, m *model.Model, scope any, ids []backend.ID) (map[backend.ID]Stored, error) {
	return loadAll(ctx, tx, m, scope, ids, LoadLocked)
}

type loader = func(ctx context.Context, q backend.Querier, m *model.Model, scope any, ids []backend.ID, found func(Stored) error) error

func loadAll(ctx context.Context, q backend.Querier, m *model.Model, scope any, ids []backend.ID, load loader) (map[backend.ID]Stored, error) {
	found := make(map[backend.ID]Stored, len(ids))
	var all []backend.Row
	err := load(ctx, q, m, scope, ids, func(s Stored) error {
		found[s.ID], all = s, append(all, s.Row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, Translate(ctx, q, m, all...)
}

// LocalKey returns the local key of a row that was loaded, and whether it has one.
func LocalKey(m *model.Model, s Stored) (backend.ID, bool) {
	for c, column := range m.Table.Columns {
		if column.Key {
			v, err := backend.Plain(s.Row.Pointers[c])
			return backend.AnyID(v), err == nil
		}
	}
	return backend.ID{}, false
}

// Absent lists the rows of the scope that are not in seen, and counts all. Where
// removal cancels, canceled rows are not among them.
func Absent(ctx context.Context, q backend.Querier, m *model.Model, scope any, how model.Removal, seen func(uint64) bool) (absent []backend.ID, all int, err error) {
	query := squirrel.Select(m.Table.Selected()[0]).From(store.Quote(m.Table.Name)).Where(removable(m, scope, how))
	err = q.IDs(ctx, query, m.Table.IDKind, func(id backend.ID) {
		all++
		if !seen(idset.Key(id)) {
			absent = append(absent, id)
		}
	})
	return absent, all, err
}

// removable is the condition for the rows that may be removed.
func removable(m *model.Model, scope any, how model.Removal) squirrel.And {
	where := m.Table.Where(scope)
	if how.Rests() {
		where = append(where, squirrel.Expr(m.Table.NotCanceled()))
	}
	return where
}

// Present lists the rows of the scope that may be removed and have one of the ids, and counts
// all that may be.
func Present(ctx context.Context, q backend.Querier, m *model.Model, scope any, how model.Removal, ids []backend.ID) (present []backend.ID, all int, err error) {
	if all, _, err = Count(ctx, q, m, scope, how, nil); err != nil {
		return nil, 0, err
	}
	where := append(q.Dialect().Rows(m.Table, scope, ids), removable(m, scope, how)...)
	present, err = IDs(ctx, q, squirrel.Select(m.Table.Selected()[0]).From(store.Quote(m.Table.Name)).Where(where), m.Table.IDKind)
	return present, all, err
}

// Count counts the rows of the scope that may be removed, and those of them that
// have one of the ids.
func Count(ctx context.Context, q backend.Querier, m *model.Model, scope any, how model.Removal, ids []backend.ID) (all, some int, err error) {
	counting := squirrel.Select("count(*)").From(store.Quote(m.Table.Name)).Where(removable(m, scope, how))
	having := counting.Where(q.Dialect().AnyID(store.Quote(m.Table.ID), m.Table.IDKind, ids))
	err = store.Each(ctx, q, squirrel.Expr("SELECT (?), (?)", counting, having), func(r store.Rows) error { return r.Scan(&all, &some) })
	return all, some, err
}

// ChildrenOf lists the rows of an association's child that belong to parents, by
// their local keys. Where removal cancels, canceled rows are not among them.
func ChildrenOf(ctx context.Context, q backend.Querier, a *model.Association, scope any, how model.Removal, parents []backend.ID) (ids []backend.ID, err error) {
	err = EachChild(ctx, q, a, scope, how, parents, func(id, _ backend.ID) { ids = append(ids, id) })
	return ids, err
}

// EachChild calls found with each row that ChildrenOf lists, and the local key of its
// parent.
func EachChild(ctx context.Context, q backend.Querier, a *model.Association, scope any, how model.Removal, parents []backend.ID, found func(id, parent backend.ID)) error {
	if len(parents) == 0 {
		return nil
	}
	t := a.Child.Table
	column := store.Quote(a.Column)
	id, parent := t.NewID(), backend.NewID(t.ParentKind)
	query := q.Dialect().Keyed(store.Quote(t.Name), []string{t.Selected()[0], asKey(column, t.ParentKind)}, column, t.ParentKind, parents, removable(a.Child, scope, how))
	return store.Each(ctx, q, query, func(r store.Rows) error {
		if err := r.Scan(id, parent); err != nil {
			return err
		}
		found(backend.IDOf(id), backend.IDOf(parent))
		return nil
	})
}

// LookAtChildren calls found with what a look finds of each row that ChildrenOf lists. It may
// do so twice.
func LookAtChildren(ctx context.Context, db backend.Store, a *model.Association, scope any, how model.Removal, parents []backend.ID, found func(backend.Looked)) error {
	if len(parents) == 0 {
		return nil
	}
	return db.LookBelow(ctx, a.Child.Table, a.Column, parents, removable(a.Child, scope, how), found)
}

// Parentless lists the rows of an association's child whose key is that of no parent's
// row.
func Parentless(ctx context.Context, q backend.Querier, parents *model.Model, a *model.Association, scope any, how model.Removal) ([]backend.ID, error) {
	t, parent := a.Child.Table, parents.Table
	column := store.Quote(t.Name) + "." + store.Quote(a.Column)
	there := squirrel.Select("1").From(store.Quote(parent.Name) + " AS synced_parent").Where("synced_parent." + store.Quote(parent.Key) + " = " + column)
	where := append(removable(a.Child, scope, how), squirrel.Expr(column+" IS NOT NULL AND NOT EXISTS (?)", there))
	return IDs(ctx, q, squirrel.Select(t.Selected()[0]).From(store.Quote(t.Name)).Where(where).OrderBy(store.Quote(t.ID)), t.IDKind)
}

// KeysLocked reads rows by their remote ids, and locks them. It returns their remote ids
// by their local keys.
func KeysLocked(ctx context.Context, tx backend.Querier, t *backend.Table, scope any, ids []backend.ID) (map[backend.ID]backend.ID, error) {
	found := make(map[backend.ID]backend.ID, len(ids))
	id, key := t.NewID(), backend.NewID(t.KeyKind)
	query := squirrel.Select(t.Selected()[0], asKey(store.Quote(t.Key), t.KeyKind)).From(store.Quote(t.Name)).Where(tx.Dialect().Rows(t, scope, ids)).
		OrderBy(store.Quote(t.Key)).Suffix(tx.Dialect().Lock())
	return found, store.Each(ctx, tx, query, func(r store.Rows) error {
		if err := r.Scan(id, key); err != nil {
			return err
		}
		found[backend.IDOf(key)] = backend.IDOf(id)
		return nil
	})
}

// HoldKeys lists those of the local keys that rows have, and keeps the rows from being
// deleted until the transaction ends.
func HoldKeys(ctx context.Context, tx backend.Querier, t *backend.Table, keys []backend.ID) ([]backend.ID, error) {
	key := store.Quote(t.Key)
	query := squirrel.Select(asKey(key, t.KeyKind)).From(store.Quote(t.Name)).Where(tx.Dialect().AnyID(key, t.KeyKind, keys)).OrderBy(key).Suffix(tx.Dialect().Hold())
	return IDs(ctx, tx, query, t.KeyKind)
}

// KeysHere lists those of the local keys that rows have.
func KeysHere(ctx context.Context, q backend.Querier, t *backend.Table, keys []backend.ID) ([]backend.ID, error) {
	key := store.Quote(t.Key)
	return IDs(ctx, q, squirrel.Select(asKey(key, t.KeyKind)).From(store.Quote(t.Name)).Where(q.Dialect().AnyID(key, t.KeyKind, keys)), t.KeyKind)
}

// someOthers is how many rows Others reads.
const someOthers = 3

// Others lists up to three rows of the scope that are not the given one and not
// canceled: records that exist, as far as is known here.
func Others(ctx context.Context, q backend.Querier, m *model.Model, scope any, id backend.ID) ([]backend.ID, error) {
	t := m.Table
	where := t.Where(scope)
	if t.Canceled != "" {
		where = append(where, squirrel.Expr(t.NotCanceled()))
	}
	// One more than needed, in place of the condition that it is another.
	ids, err := IDs(ctx, q, squirrel.Select(t.Selected()[0]).From(store.Quote(t.Name)).Where(where).OrderBy(store.Quote(t.ID)+" DESC").Limit(someOthers+1), t.IDKind)
	ids = slices.DeleteFunc(ids, func(other backend.ID) bool { return other == id })
	return ids[:min(len(ids), someOthers)], err
}

// IDs reads a query of one column of ids.
func IDs(ctx context.Context, q backend.Querier, query store.SQL, kind backend.Kind) (ids []backend.ID, err error) {
	err = q.IDs(ctx, query, kind, func(id backend.ID) { ids = append(ids, id) })
	return ids, err
}

// ParentKeys reads the local keys of parents, by their remote ids.
func ParentKeys(ctx context.Context, q backend.Querier, p *model.Parent, scope any, ids []backend.ID) (map[backend.ID]backend.ID, error) {
	keys := make(map[backend.ID]backend.ID, len(ids))
	if err := KeysByID(ctx, q, p.Model, p.Scope(scope), ids, keys); err != nil {
		return nil, fmt.Errorf("find the rows of %s: %w", p.Model.Table.Name, err)
	}
	return keys, nil
}

// KeysByID adds the local keys of rows to others, by their remote ids.
func KeysByID(ctx context.Context, q backend.Querier, m *model.Model, scope any, ids []backend.ID, keys map[backend.ID]backend.ID) error {
	return keysByID(ctx, q, m, scope, ids, keys, "")
}

// HoldByID does so in a transaction, and keeps the rows from being deleted until it
// ends.
func HoldByID(ctx context.Context, tx backend.Querier, m *model.Model, scope any, ids []backend.ID, keys map[backend.ID]backend.ID) error {
	return keysByID(ctx, tx, m, scope, ids, keys, tx.Dialect().Hold())
}

func keysByID(ctx context.Context, q backend.Querier, m *model.Model, scope any, ids []backend.ID, keys map[backend.ID]backend.ID, lock string) error {
	if len(ids) == 0 {
		return nil
	}
	t := m.Table
	id, key := t.NewID(), backend.NewID(t.KeyKind)
	query := squirrel.Select(t.Selected()[0], store.Quote(t.Key)).From(store.Quote(t.Name)).Where(q.Dialect().Rows(t, scope, ids))
	if lock != "" {
		query = query.OrderBy(store.Quote(t.Key)).Suffix(lock) // all lock rows in the same order
	}
	return store.Each(ctx, q, query, func(r store.Rows) error {
		if err := r.Scan(id, key); err != nil {
			return err
		}
		keys[backend.IDOf(id)] = backend.IDOf(key)
		return nil
	})
}
