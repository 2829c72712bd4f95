package write

import (
	"context"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// staying returns those of the rows that are still there although they were removed: the
// database skipped them without an error, as a trigger makes it do. Removed is how many
// rows the statement did remove. The result tells of the others.
func (r *remover) staying(ctx context.Context, tx *commit.Tx, ids []backend.ID, removed int64) ([]backend.ID, error) {
	if r.how.Kind == model.Custom || removed >= int64(len(ids)) {
		return nil, nil
	}
	t := r.Model.Table
	where := tx.Dialect().Rows(t, r.Scope, ids)
	if r.how.Kind == model.Cancel {
		where = append(where, squirrel.Expr(t.NotCanceled()))
	}
	stay, err := rows.IDs(ctx, tx, squirrel.Select(t.Selected()[0]).From(store.Quote(t.Name)).Where(where).OrderBy(store.Quote(t.ID)), t.IDKind)
	if err != nil {
		return nil, fmt.Errorf("find which rows are still there: %w", err)
	}
	r.skipped(tx, stay, "")
	return stay, nil
}

// skipped has the result tell that rows stay since the database skips the statement that
// removes them, or their children in a table.
func (r *remover) skipped(tx *commit.Tx, stay []backend.ID, child string) {
	tx.After(func() {
		for _, id := range stay {
			r.notes.add(report.NotDeleted{Table: r.Model.Table.Name, Child: child}, id)
		}
	})
}

// without returns ids that are not among others, in their order.
func without(ids, others []backend.ID) []backend.ID {
	if len(others) == 0 {
		return ids
	}
	not := make(map[backend.ID]bool, len(others))
	for _, id := range others {
		not[id] = true
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id backend.ID) bool { return not[id] })
}

// notes are what a run tells beside its counts.
type notes struct {
	linked     report.Counts // what was committed of links to shared children
	notDeleted []report.NotDeleted
}

// mostTold is how many records are named that stay for one reason.
const mostTold = 5

// add adds a row that stays, for the reason that the key has.
func (n *notes) add(key report.NotDeleted, id backend.ID) {
	i := slices.IndexFunc(n.notDeleted, func(have report.NotDeleted) bool {
		return have.By == key.By && have.Constraint == key.Constraint && have.Child == key.Child && have.Canceled == key.Canceled
	})
	if i < 0 {
		i = len(n.notDeleted)
		n.notDeleted = append(n.notDeleted, key)
	}
	have := &n.notDeleted[i]
	if have.Rows++; len(have.Records) < mostTold {
		have.Records = append(have.Records, id.String())
	}
}

// NotDeleted returns the rows that stay although their records are gone, nested ones
// included.
func NotDeleted(w *Writer) []report.NotDeleted {
	list := slices.Clone(w.notes.notDeleted)
	for i := range w.Model.Associations {
		if child, ok := w.children[&w.Model.Associations[i]]; ok {
			list = append(list, NotDeleted(child)...)
		}
	}
	return list
}
