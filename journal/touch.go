package journal

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Touch notes an update of a row that changes nothing, so that readers look at the row again. A
// row that is not there is passed over. Tx is one of the store's, or the service's own by In of
// the store.
func (v Rows) Touch(ctx context.Context, tx store.Tx, model string, key Key) error {
	d, err := v.of.all.named(model)
	if err != nil {
		return err
	}
	if backend.Whole(tx) == nil {
		return errForeign
	}
	row, err := v.of.KeyRow(model, key)
	if err != nil {
		return err
	}
	where, err := d.where(row)
	if err == nil {
		columns, values := v.of.sql.noting()
		_, err = tx.Exec(ctx, squirrel.Expr("INSERT INTO "+noted+" ("+columns+", model, key, op, old_row, new_row, mark) SELECT "+values+", ?, "+v.of.sql.keyOf(d, "t")+", ?, '{}', '{}', '' FROM "+d.quoted()+" AS t WHERE ?",
			d.Name, string(Update), where))
	}
	if err != nil {
		return fmt.Errorf("synced: journal: touch row %s of %q: %w", key, model, err)
	}
	return nil
}
