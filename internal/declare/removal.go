package declare

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/plan"
)

// autoColumn is the column by which CancelOrDestroy cancels, where the table has
// it.
const autoColumn = "canceled_at"

// check finds mistakes that a removal shows by itself, for a model of rows of a
// type.
func (r Removal) check(row reflect.Type) error {
	switch {
	case !isShare(r.Limit):
		return fmt.Errorf("removal: the Limit %v is not a share: give a number over 0, up to 1", r.Limit)
	case r.Verify < model.VerifyUndecided || r.Verify > model.VerifyNever:
		return fmt.Errorf("removal: Verify is %d: use synced.VerifyShifting, VerifyAlways or VerifyNever", r.Verify)
	case r.Referenced > model.Keep && r.Referenced != model.Cancel:
		return errors.New("removal: Referenced says what happens to a row that can't be deleted: use synced.KeepRows{} or synced.Cancel{Column: …}")
	case r.Kind == model.Custom && r.Row != row:
		return fmt.Errorf("removal: RemoveBy is for rows of %s, but the model's are %s: write synced.RemoveBy[%[2]s]{Func: …}", r.Row, row)
	case r.Kind == model.Custom && r.Func == nil:
		return fmt.Errorf("removal: RemoveBy has no Func: give one, func(ctx context.Context, tx store.Tx, rows []*%s) error", row)
	}
	return nil
}

// cancels reports whether rows may be canceled.
func (r Removal) cancels() bool { return r.Rests() || r.Kind == model.CancelOrDestroy }

// checkCanceled finds columns that can't keep the time of a removal.
func checkCanceled(d *Declaration, p *plan.Plan) error {
	if !d.Remove.cancels() {
		return nil
	}
	column := d.Remove.Column
	name, typ, _ := p.Field(column)
	switch {
	case column == "":
		return errors.New("removal: synced.Cancel names no Column: name one, such as canceled_at")
	case column == d.Scope:
		return fmt.Errorf("removal sets column %q, which ties rows to their scope: cancel by another column", column)
	case column == hashColumn:
		return fmt.Errorf("removal sets column %q, which keeps the fingerprint: cancel by another column", column)
	case p.Filled(column) != "":
		return fmt.Errorf("removal sets column %q, which %s fills through field %s: cancel by another column", column, p.Filled(column), name)
	case !p.HoldsRemovalTime(column) && !p.HoldsFlag(column):
		return fmt.Errorf("removal sets column %q to a time or to null, but its field %s is of type %s: make it *time.Time", column, name, typ)
	}
	return nil
}

// canceledColumn returns the column that canceling sets, "" where rows are not
// canceled, and whether it is a flag.
func (b *binding) canceledColumn() (name string, flag bool, err error) {
	removal := b.Remove
	if !removal.cancels() {
		return "", false, nil
	}
	c, ok := b.found.Column(removal.Column)
	field, typ, hasField := b.plan.Field(removal.Column)
	flag = strings.Contains(c.Type, "bool") || !b.found.Strict && b.plan.HoldsFlag(removal.Column)
	switch {
	case !ok && removal.Kind == model.CancelOrDestroy:
		return "", false, nil
	case !ok:
		return "", false, fmt.Errorf("removal sets column %q, which is not in the table: add it, or remove by synced.Destroy{}", removal.Column)
	case hasField && flag != b.plan.HoldsFlag(removal.Column):
		return "", false, fmt.Errorf("removal sets column %q of type %s, which field %s of type %s does not hold: change one of them", c.Name, c.Type, field, typ)
	case flag:
		return c.Name, true, nil
	case c.NotNull:
		return "", false, fmt.Errorf("removal sets column %q to null for rows that exist, but the column is NOT NULL: allow null", c.Name)
	case b.found.Strict && c.Type != "date" && !strings.HasPrefix(c.Type, "timestamp"):
		return "", false, fmt.Errorf("removal sets column %q to a time, but the column is of type %s: make it timestamptz, or boolean", c.Name, c.Type)
	}
	return c.Name, false, nil
}

// settled returns the declared removal, once the table is known.
func (r Removal) settled(table *backend.Table) Removal {
	if r.Kind != model.CancelOrDestroy {
		return r
	}
	r.Kind, r.Column = model.Cancel, table.Canceled
	if table.Canceled == "" {
		r.Kind = model.Destroy
	}
	return r
}

// removal settles a call's removal with the declaration's.
func (b *Bound) removal(call Removal) (model.Removal, error) {
	declared, table := b.declared.Remove, b.Model.Table
	if err := call.check(b.declared.Row); err != nil {
		return declared.Removal, err
	}
	if call.Kind == model.Destroy && call.Referenced == model.Undecided {
		call.Referenced, call.Column = declared.Referenced, declared.Column
	}
	call.Limit = cmp.Or(call.Limit, declared.Limit)
	call.Verify = cmp.Or(call.Verify, declared.Verify)
	switch {
	case call.Kind == model.Undecided:
		return declared.Removal, nil
	case call.Kind == model.CancelOrDestroy && table.Canceled == "" && !b.cancelable:
		call.Kind = model.Destroy
	case call.cancels() && (table.Canceled == "" || call.Rests() && table.Canceled != call.Column):
		return declared.Removal, fmt.Errorf("the call cancels rows by column %q, but the declaration does not: declare Remove: synced.Cancel{Column: %[1]q}, and give synced.KeepRows{} to the calls that remove nothing", call.Column)
	case call.cancels() && call.Kind != model.Destroy:
		call.Kind, call.Column = model.Cancel, table.Canceled
	}
	return call.Removal, nil
}
