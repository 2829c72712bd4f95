package write

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// reference is a foreign key that keeps rows from being deleted.
type reference struct {
	// of is the model's table, by the one that points to it: as SQL writes it, and with
	// its schema.
	of, by, full, constraint string
	columns                  []pairedColumns
}

// pairedColumns are a column of the table that points, and the one that it points to.
type pairedColumns struct{ own, other string }

// is reports whether the key is a column of a declared table.
func (r *reference) is(table, column string) bool {
	full := r.full
	if !strings.Contains(table, ".") {
		full = full[strings.LastIndex(full, ".")+1:]
	}
	return strings.EqualFold(full, table) && len(r.columns) == 1 && strings.EqualFold(r.columns[0].own, column)
}

// key is the entry of a result for rows of a table that the key points to, themselves or
// through their children.
func (r *reference) key(table string, canceled bool) report.NotDeleted {
	key := report.NotDeleted{Table: table, By: strings.ReplaceAll(r.by, `"`, ""), Constraint: r.constraint, Canceled: canceled}
	if r.of != table {
		key.Child = r.of
	}
	return key
}

// referrers finds which rows of a writer's model can't be deleted, since rows that are
// not removed with them point to them.
type referrers struct{ *Writer }

// references lists the foreign keys that point to the model's table, but for those whose
// rows are dealt with when rows are removed: children, links, translations and rows that
// follow their parents.
func (w referrers) references(ctx context.Context, tx *commit.Tx) ([]*reference, error) {
	var list []*reference
	err := store.Each(ctx, tx, tx.Dialect().References(w.Model.Table.Name), func(r store.Rows) error {
		found := reference{of: w.Model.Table.Name}
		var pair pairedColumns
		if err := r.Scan(&found.by, &found.full, &found.constraint, &pair.own, &pair.other); err != nil {
			return err
		}
		if n := len(list); n > 0 && list[n-1].by == found.by && list[n-1].constraint == found.constraint {
			list[n-1].columns = append(list[n-1].columns, pair)
			return nil
		}
		found.columns = []pairedColumns{pair}
		list = append(list, &found)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find which foreign keys point to the table: %w", err)
	}
	return slices.DeleteFunc(list, w.settles), nil
}

// settles reports whether removal deals with the rows of a key.
func (w referrers) settles(r *reference) bool {
	if t := w.Model.Table.Translations; t != nil && r.is(t.Name, t.ParentColumn()) {
		return true
	}
	for _, l := range w.Model.Links() {
		if r.is(l.Name, l.Child.Name) {
			return true
		}
	}
	for i := range w.Model.Associations {
		a := &w.Model.Associations[i]
		if a.Link != nil && r.is(a.Link.Name, a.Link.Parent.Name) || a.Link == nil && r.is(a.Child.Table.Name, a.Column) {
			return true
		}
	}
	for _, f := range followersOf(w.Model) {
		if r.is(f.Child.Table.Name, f.Parent.Column) && !f.column().NotNull {
			return true
		}
	}
	return false
}

// referenced returns those of the rows that can't be deleted, with a key that points to
// each, or to one of its children. It locks the rows: nobody points to them meanwhile.
func (w referrers) referenced(ctx context.Context, tx *commit.Tx, ids []backend.ID) (map[backend.ID]*reference, error) {
	references, err := w.references(ctx, tx)
	if err != nil {
		return nil, err
	}
	t := w.Model.Table
	where := tx.Dialect().Rows(t, w.Scope, ids)
	query := squirrel.Select(t.Selected()[0]).From(store.Quote(t.Name)).Where(where).OrderBy(store.Quote(t.ID))
	if lock := tx.Dialect().Lock(); lock != "" && len(references) > 0 {
		if _, err := rows.IDs(ctx, tx, query.Suffix(lock), t.IDKind); err != nil {
			return nil, fmt.Errorf("lock rows that foreign keys may point to: %w", err)
		}
	}
	found := map[backend.ID]*reference{}
	for _, r := range references {
		pointed, err := rows.IDs(ctx, tx, query.Where(w.exists(tx.Dialect(), r, ids)), t.IDKind)
		if err != nil {
			return nil, fmt.Errorf("find what points to rows by %s of %s: %w", r.constraint, r.by, err)
		}
		for _, id := range pointed {
			found[id] = r
		}
	}
	for i := range w.Model.Associations {
		if a := &w.Model.Associations[i]; a.Link == nil {
			if err := w.throughChildren(ctx, tx, a, ids, found); err != nil {
				return nil, fmt.Errorf("%s: %w", a.Name(), err)
			}
		}
	}
	return found, nil
}

// exists is the condition that a row points to one of the table's by a key. Rows of the
// same table that go as well don't count.
func (w referrers) exists(d backend.Dialect, r *reference, ids []backend.ID) squirrel.Sqlizer {
	t := w.Model.Table
	there := squirrel.Select("1").From(r.by + " AS synced_other")
	for _, pair := range r.columns {
		there = there.Where("synced_other." + store.Quote(pair.own) + " = " + store.Quote(t.Name) + "." + store.Quote(pair.other))
	}
	if r.is(t.Name, r.columns[0].own) {
		there = there.Where(squirrel.Expr("coalesce(NOT (?), true)", d.AnyID("synced_other."+store.Quote(t.ID), t.IDKind, ids)))
	}
	return squirrel.Expr("EXISTS (?)", there)
}

// throughChildren adds the rows of which a child can't be deleted.
func (w referrers) throughChildren(ctx context.Context, tx *commit.Tx, a *model.Association, ids []backend.ID, found map[backend.ID]*reference) error {
	child := referrers{w.Child(a)}
	if references, err := child.references(ctx, tx); err != nil || len(references) == 0 && len(child.Model.Associations) == 0 {
		return err
	}
	parents, err := rows.KeysLocked(ctx, tx, w.Model.Table, w.Scope, ids)
	if err != nil {
		return err
	}
	var keys, children []backend.ID
	for key := range parents {
		keys = append(keys, key)
	}
	parentOf := map[backend.ID]backend.ID{}
	err = rows.EachChild(ctx, tx, a, child.Scope, model.Removal{Kind: model.Destroy}, keys, func(id, parent backend.ID) {
		children, parentOf[id] = append(children, id), parent
	})
	if err != nil {
		return err
	}
	for some := range slices.Chunk(children, rows.Batch) {
		pointed, err := child.referenced(ctx, tx, some)
		if err != nil {
			return err
		}
		for id, r := range pointed {
			found[parents[parentOf[id]]] = r
		}
	}
	return nil
}

// unreferenced returns those of the rows that can be deleted. The others stay, or are
// canceled, and the result tells of them.
func (r *remover) unreferenced(ctx context.Context, tx *commit.Tx, ids []backend.ID) ([]backend.ID, error) {
	found, err := referrers{r.Writer}.referenced(ctx, tx, ids)
	if err != nil || len(found) == 0 {
		return ids, err
	}
	var free, pointed []backend.ID
	for _, id := range ids {
		if found[id] == nil {
			free = append(free, id)
		} else {
			pointed = append(pointed, id)
		}
	}
	canceled := r.how.Referenced == model.Cancel
	if canceled {
		cancel := remover{r.Writer, model.Removal{Kind: model.Cancel, Column: r.how.Column}}
		stay, err := cancel.some(ctx, tx, pointed)
		if err != nil {
			return nil, err
		}
		pointed = without(pointed, stay)
	}
	tx.After(func() {
		for _, id := range pointed {
			r.notes.add(found[id].key(r.Model.Table.Name, canceled), id)
		}
	})
	return free, nil
}
