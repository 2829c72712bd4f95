package declare

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/stamp"
)

// checks find mistakes that a declaration shows by itself, in this order.
var checks = []func(*Declaration, *plan.Plan) error{
	checkChoices,
	checkStrategy,
	func(d *Declaration, p *plan.Plan) error { return checkFields(d.Ask.Fields, p.RemoteNames()) },
	checkVersion,
	checkPartial,
	checkExpand,
	checkContent,
	func(d *Declaration, p *plan.Plan) error { return d.Remove.check(d.Row) },
	checkCanceled,
	checkStamp,
	checkWindow,
	checkTouch,
	checkScope,
	checkEach,
}

// check runs every check.
func (d *Declaration) check(p *plan.Plan) error {
	for _, check := range checks {
		if err := check(d, p); err != nil {
			return err
		}
	}
	return nil
}

// checkChoices finds choices that are nil pointers.
func checkChoices(d *Declaration, _ *plan.Plan) error {
	switch {
	case d.Err != nil:
		return d.Err
	case IsNil(d.Strategy):
		return fmt.Errorf("the Strategy is a nil %T: use strategy.UpdatedSince, Position, Full or Check as a value", d.Strategy)
	case IsNil(d.Timestamps):
		return fmt.Errorf("the Timestamps are a nil %T: use timestamp.PerScope or PerRecord as a value", d.Timestamps)
	case d.API != nil && IsNil(d.API):
		return fmt.Errorf("API is a nil %T: make it, or leave API out", d.API)
	case d.Quarantine != nil && !isShare(d.Quarantine.Limit):
		return fmt.Errorf("the Limit of the Quarantine, %v, is not a share: give a number over 0, up to 1", d.Quarantine.Limit)
	}
	return nil
}

// isShare reports whether a limit can be kept; a NaN can't.
func isShare(limit float64) bool { return limit >= 0 && limit <= 1 }

func checkStrategy(d *Declaration, _ *plan.Plan) error {
	if err := model.CheckStrategy(d.Strategy); err != nil {
		return fmt.Errorf("strategy %s: %w", d.Strategy, err)
	}
	return nil
}

// checkWindow finds a strategy that can't go together with what the declaration's API
// lists at once.
func checkWindow(d *Declaration, _ *plan.Plan) error {
	if d.API == nil {
		return nil
	}
	return model.CheckWindow(d.Strategy, d.Strategy, stamp.Column(d.Timestamps) != "", d.API)
}

// checkWindow finds what a run can't ask of its API.
func (b *Bound) checkWindow(c engine.Call) error {
	if _, ends := model.WindowOf(c.API); !ends && !c.Until.IsZero() {
		return errors.New("the call has Until, and the API takes no end of the time that is asked for: set rest.Since.Until, or leave it out")
	}
	return model.CheckWindow(b.declared.Strategy, c.Strategy, stamp.Column(b.declared.Timestamps) != "", c.API)
}

// checkFields finds attributes that a list of fields leaves out. One in an object may
// be asked for by its whole path, by the object around it, or by the name that it has
// there.
func checkFields(fields, names []string) error {
	if len(fields) == 0 {
		return nil
	}
	for _, name := range names {
		asked := slices.ContainsFunc(fields, func(field string) bool {
			return field == name || strings.HasPrefix(name, field+".") || strings.HasSuffix(name, "."+field)
		})
		if !asked {
			return fmt.Errorf("the Fields %v leave out %q, which a field of the model reads and would become empty: add it", fields, name)
		}
	}
	return nil
}

func checkVersion(d *Declaration, p *plan.Plan) error {
	if d.Version == "" {
		return nil
	}
	return p.Version(d.Version)
}

// checkPartial finds a model that keeps nothing which partial objects could be merged
// over.
func checkPartial(d *Declaration, p *plan.Plan) error {
	if d.Partial && p.DataColumn() == "" {
		return errors.New("with Partial, attributes that an object leaves out stay as the stored object has them, and the model stores none: add SyncedData synced.Data `db:\"synced_data\"`")
	}
	return nil
}

// checkExpand finds a model of which a summary would take the place of the record, or be
// asked for without end.
func checkExpand(d *Declaration, p *plan.Plan) error {
	switch {
	case d.Expand < 0:
		return fmt.Errorf("the Expand is %d: give how many records are asked for at once, or leave it out", d.Expand)
	case d.Expand == 0:
		return nil
	case d.Partial:
		return errors.New("with Expand each record is asked for whole, so there is nothing to merge: leave Partial out, or Expand")
	case p.DataColumn() == "":
		return errors.New("with Expand a record whose summary is as it was is not asked for again, so that what is stored of it must be whole: add SyncedData synced.Data `db:\"synced_data\"`")
	}
	return nil
}

// checkStamp finds columns that can't keep the time of runs.
func checkStamp(d *Declaration, p *plan.Plan) error {
	column := stamp.Column(d.Timestamps)
	name, _, _ := p.Field(column)
	switch {
	case column == "":
		return nil
	case column == d.Scope, column == hashColumn, d.Remove.Kind == model.Cancel && column == d.Remove.Column:
		return fmt.Errorf("the time of runs is kept in column %q, which has another purpose: name another column", column)
	case p.Filled(column) != "":
		return fmt.Errorf("the time of runs is kept in column %q, which %s fills through field %s: name another column", column, p.Filled(column), name)
	}
	return nil
}

// checkScope finds columns that can't tie rows to their scope.
func checkScope(d *Declaration, p *plan.Plan) error {
	column := d.Scope
	name, _, _ := p.Field(column)
	switch {
	case column == "":
		return nil
	case column == d.IDColumn:
		return fmt.Errorf("the Scope column %q is the remote id's: name the column of the account or parent", column)
	case column == hashColumn:
		return fmt.Errorf("the Scope column %q keeps the fingerprint: name the column of the account or parent", column)
	case strings.Contains(column, "."):
		return fmt.Errorf("the Scope column %q has a dot in its name: name a column of the table", column)
	case p.Filled(column) != "":
		return fmt.Errorf("the Scope column %q is filled from the scope, but %s fills it too, through field %s: leave that field a db tag alone", column, p.Filled(column), name)
	}
	return nil
}

// checkSchemas finds names of schemas where the database has none.
func (d *Declaration) checkSchemas(dialect backend.Dialect) error {
	switch {
	case dialect.Schemas():
		return nil
	case strings.Contains(d.Table, "."):
		return fmt.Errorf("the Table %q names a schema, which SQLite does not have: name the table alone", d.Table)
	case strings.Contains(d.TranslationTable, "."):
		return errors.New("the TranslationTable names a schema, which SQLite does not have: name the table alone")
	}
	return nil
}
