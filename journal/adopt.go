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
func (j *Journal) Adopt(ctx context.Context, tx store.Tx, r Replayed, do func(ctx context.Context) (Key, error)) error {
	d, err := j.table(r.Model)
	if err == nil {
		err = j.adopt(ctx, tx, d, r, do)
	}
	if err != nil {
		return fmt.Errorf("synced: journal: adopt row %s of %q: %w", r.Key, r.Model, err)
	}
	return nil
}

func (j *Journal) adopt(ctx context.Context, tx store.Tx, d *described, r Replayed, do func(ctx context.Context) (Key, error)) (err error) {
	newest := "(SELECT coalesce(max(" + j.sql.id() + "), 0) FROM " + noted + " WHERE model = ? AND key = ?)"
	var before int64
	if r.Key != "" {
		if _, err := store.One(ctx, tx, squirrel.Expr("SELECT "+newest, d.Name, r.Key), &before); err != nil {
			return err
		}
	}
	if r.Key, err = do(ctx); err != nil {
		return err
	}
	mark, err := r.mark()
	if err != nil {
		return err
	}
	update := squirrel.Update(noted).Set("mark", mark).
		Where(squirrel.Expr(j.sql.id()+" = "+newest+" AND "+j.sql.id()+" > ?", d.Name, r.Key, before))
	var whole *string
	if len(r.Bases) > 1 {
		if whole, err = j.whole(ctx, tx, d, r.Key); err != nil {
			return err
		}
		update = update.Set("new_row", whole).Set("old_row", squirrel.Expr("CASE WHEN op = 'delete' THEN old_row END"))
	}
	n, err := tx.Exec(ctx, update)
	if err != nil || n > 0 {
		return err
	}
	if whole == nil {
		if whole, err = j.whole(ctx, tx, d, r.Key); err != nil {
			return err
		}
	}
	op := Update
	if whole == nil {
		op = Delete
	}
	insert := squirrel.Insert(noted).Columns("model", "key", "op", "new_row", "at_ms", "mark")
	values := []any{d.Name, r.Key, op, whole, r.At.UnixMilli(), mark}
	if j.db.Dialect().Schemas() {
		insert = insert.Columns("id", "tx")
		values = append(values, squirrel.Expr("nextval('"+j.own.Fill("{synced_journal_ids}")+"')"), squirrel.Expr("txid_current()"))
	}
	_, err = tx.Exec(ctx, insert.Values(values...))
	return err
}
