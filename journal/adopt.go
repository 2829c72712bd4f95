package journal

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

// Adopt calls do, which brings one row to the state that r names, and returns the row's key:
// that of r, or the one that the database gave it. It is [Journal.Replay] for those who count
// on the row's version afterwards: the change is in the journal also where the row was like
// that before, and then it has the whole row. So it does where it has several Bases: it decides
// between states that installations made without knowing of each other.
//
// A Via that is the installation itself is a change that everybody gets.
func (v Rows) Adopt(ctx context.Context, tx store.Tx, r Replayed, do func(ctx context.Context) (Key, error)) error {
	d, err := v.of.all.named(r.Model)
	if err == nil {
		err = (&adoption{tx, v.of.sql, d, v.of.db.Dialect().Schemas(), r}).make(ctx, do)
	}
	switch {
	case err == nil:
		return nil
	case r.Key == "":
		return fmt.Errorf("synced: journal: adopt a new row of %q: %w", r.Model, err)
	}
	return fmt.Errorf("synced: journal: adopt row %s of %q: %w", r.Key, r.Model, err)
}

// adoption is one row that is brought to a state.
type adoption struct {
	tx  store.Tx
	sql dialect
	of  *described
	// ids reports whether what is noted has an id that is not the database's own.
	ids bool
	r   Replayed
}

func (a *adoption) make(ctx context.Context, do func(ctx context.Context) (Key, error)) (err error) {
	newest := "(SELECT coalesce(max(" + a.sql.id() + "), 0) FROM " + noted + " WHERE model = ? AND key = ?)"
	var before int64
	if a.r.Key != "" {
		if _, err := store.One(ctx, a.tx, squirrel.Expr("SELECT "+newest, a.r.Model, a.r.Key), &before); err != nil {
			return err
		}
	}
	if a.r.Key, err = do(ctx); err != nil {
		return err
	}
	mark, err := a.r.mark()
	if err != nil {
		return err
	}
	update := squirrel.Update(noted).Set("mark", mark).
		Where(squirrel.Expr(a.sql.id()+" = "+newest+" AND "+a.sql.id()+" > ?", a.r.Model, a.r.Key, before))
	if len(a.r.Bases) > 1 {
		whole, err := a.of.whole(ctx, a.tx, a.sql, a.r.Key)
		if err != nil {
			return err
		}
		update = update.Set("new_row", whole).Set("old_row", squirrel.Expr("CASE WHEN op = 'delete' THEN old_row END"))
	}
	n, err := a.tx.Exec(ctx, update)
	if err == nil && n == 0 {
		err = a.note(ctx, mark)
	}
	return err
}

// note notes a row that was like that before.
func (a *adoption) note(ctx context.Context, mark string) error {
	whole, err := a.of.whole(ctx, a.tx, a.sql, a.r.Key)
	if err != nil {
		return err
	}
	op := Update
	if whole == nil {
		op = Delete
	}
	insert := squirrel.Insert(noted).Columns("model", "key", "op", "new_row", "at_ms", "mark")
	values := []any{a.r.Model, a.r.Key, op, whole, a.r.At.UnixMilli(), mark}
	if a.ids {
		insert = insert.Columns("id", "tx")
		values = append(values, squirrel.Expr("nextval('{synced_journal_ids}')"), squirrel.Expr("txid_current()"))
	}
	_, err = a.tx.Exec(ctx, insert.Values(values...))
	return err
}
