package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Publish notes a change of a row of a [Published] table in the transaction that makes it:
// after a creation or an update, and before or after a deletion. Key has the columns of the
// primary key. The row is read from the database: of an update Old is not known, and New is
// the whole row. After a deletion Old is the key.
//
// Operations that the table does not keep are left out, and so is all within [Journal.Off].
// Tx is one of the store's, or the service's own by In of the store.
func (j *Journal) Publish(ctx context.Context, tx store.Tx, model string, op Op, key Row) error {
	d, err := j.all.named(model)
	if err != nil {
		return err
	}
	if err := publish(ctx, tx, j.sql, d, op, key); err != nil {
		return fmt.Errorf("synced: journal: publish %s of %q: %w", op, model, err)
	}
	return nil
}

func publish(ctx context.Context, tx store.Tx, sql dialect, d *described, op Op, key Row) error {
	if d.Watch != Published {
		return errors.New("its changes are noticed without that: set Watch to Published, or don't publish them")
	}
	own := backend.Whole(tx)
	if own == nil {
		return errForeign
	}
	mark, err := backend.JournalMark(ctx, own)
	if err != nil || mark == off || !d.keeps(op) {
		return err
	}
	where, err := d.where(key)
	if err != nil {
		return err
	}
	old, updated := "NULL", sql.whole(d, "t")
	if op == Delete {
		old, updated = updated, old
	}
	columns, values := sql.noting()
	n, err := tx.Exec(ctx, squirrel.Expr("INSERT INTO "+noted+" ("+columns+", model, key, op, old_row, new_row, mark) SELECT "+values+", ?, "+sql.keyOf(d, "t")+", ?, "+old+", "+updated+", ? FROM "+d.quoted()+" AS t WHERE ?",
		d.Name, string(op), mark, where))
	if err != nil || n > 0 {
		return err
	}
	if op != Delete {
		return errors.New("there is no such row: publish a change in the transaction that makes it, after that")
	}
	text, err := d.keyText(sql, key)
	if err != nil {
		return err
	}
	return noteGone(ctx, tx, sql, d, text, mark)
}

// noteGone notes the deletion of a row of which only the key is known.
func noteGone(ctx context.Context, tx store.Tx, sql dialect, d *described, key Key, mark string) error {
	old, err := d.keyObject(key)
	if err != nil {
		return err
	}
	columns, values := sql.noting()
	_, err = tx.Exec(ctx, squirrel.Expr("INSERT INTO "+noted+" ("+columns+", model, key, op, old_row, mark) VALUES ("+values+", ?, ?, ?, ?, ?)", d.Name, string(key), string(Delete), old, mark))
	return err
}

// keyObject writes the columns of a key as a trigger writes a row.
func (d *described) keyObject(key Key) (string, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(key), &raw); err != nil || len(raw) != len(d.key) {
		return "", fmt.Errorf("%q is no key of it, which has %d columns", key, len(d.key))
	}
	row := make(map[string]json.RawMessage, len(raw))
	for i, c := range d.key {
		row[c.name] = raw[i]
	}
	text, err := json.Marshal(row)
	return string(text), err
}

// where is the condition for the row of a key.
func (d *described) where(key Row) (squirrel.Sqlizer, error) {
	where := squirrel.And{}
	for _, c := range d.key {
		v, ok := key[c.name]
		if !ok {
			return nil, fmt.Errorf("the key lacks column %q", c.name)
		}
		p, err := c.parameter(v)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c.name, err)
		}
		where = append(where, squirrel.Expr("t."+quote(c.name)+" = ?", p))
	}
	return where, nil
}
