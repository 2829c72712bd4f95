package synced

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/stamp"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/timestamp"
)

// checkSettings finds mistakes that the declaration shows by itself.
func (s *declared) checkSettings(plan *plan.Plan) error {
	switch {
	case isNil(s.Strategy):
		return fmt.Errorf("the Strategy is a nil %T: use strategy.UpdatedSince, Full or Check as a value", s.Strategy)
	case isNil(s.Timestamps):
		return fmt.Errorf("the Timestamps are a nil %T: use timestamp.PerScope or PerRecord as a value", s.Timestamps)
	case s.API != nil && isNil(s.API):
		return fmt.Errorf("API is a nil %T: make it, or leave API out", s.API)
	case s.Commit != PerPage && s.Commit != Atomic:
		return fmt.Errorf("the Commit is %d: use synced.PerPage or synced.Atomic", s.Commit)
	case s.Verify < VerifyShifting || s.Verify > VerifyNever:
		return fmt.Errorf("Verify is %d: use synced.VerifyShifting, VerifyAlways or VerifyNever", s.Verify)
	case !(s.RemovalLimit >= 0 && s.RemovalLimit <= 1): // a NaN is neither
		return fmt.Errorf("RemovalLimit %v is not a share: give a number over 0, up to 1", s.RemovalLimit)
	case s.Invalid != Fail && s.Invalid != Quarantine:
		return fmt.Errorf("Invalid is %d: use synced.Fail or synced.Quarantine", s.Invalid)
	case !(s.QuarantineLimit >= 0 && s.QuarantineLimit <= 1):
		return fmt.Errorf("QuarantineLimit %v is not a share: give a number over 0, up to 1", s.QuarantineLimit)
	case s.Query != nil && s.QueryFor != nil:
		return errors.New("both Query and QueryFor are set: keep one")
	case s.Fields != nil && s.FieldsFor != nil:
		return errors.New("both Fields and FieldsFor are set: keep one")
	case s.Include != nil && s.IncludeFor != nil:
		return errors.New("both Include and IncludeFor are set: keep one")
	}
	if err := model.CheckStrategy(s.Strategy); err != nil {
		return fmt.Errorf("strategy %s: %w", s.Strategy, err)
	}
	if err := checkFields(s.Fields, plan.RemoteNames()); err != nil {
		return err
	}
	if s.Version != "" {
		if err := plan.Version(s.Version); err != nil {
			return err
		}
	}
	if err := s.checkRemoval(plan); err != nil {
		return err
	}
	if err := s.checkStamp(plan); err != nil {
		return err
	}
	return s.checkScopeField(plan)
}

func (s *declared) checkRemoval(plan *plan.Plan) error {
	removal := s.Remove.engine
	switch removal.Kind {
	case model.Custom:
		return checkRemoveBy(s.Remove, s.Row)
	case model.Cancel, model.CancelOrDestroy:
		return s.checkCanceled(plan, removal.Column)
	}
	return nil
}

// checkCanceled says whether removals can be noted in a column.
func (s *declared) checkCanceled(plan *plan.Plan, column string) error {
	name, typ, _ := plan.Field(column)
	switch {
	case column == "":
		return errors.New("removal: synced.Cancel names no column: name one, such as canceled_at")
	case column == string(s.Scope):
		return fmt.Errorf("removal sets column %q, which ties rows to their scope: cancel by another column", column)
	case column == hashColumn:
		return fmt.Errorf("removal sets column %q, which keeps the fingerprint: cancel by another column", column)
	case plan.Filled(column) != "":
		return fmt.Errorf("removal sets column %q, which %s fills through field %s: cancel by another column", column, plan.Filled(column), name)
	case !plan.HoldsRemovalTime(column):
		return fmt.Errorf("removal sets column %q to a time or to null, but its field %s is of type %s: make it *time.Time", column, name, typ)
	}
	return nil
}

// checkStamp says whether the time of runs can be kept in a column of the rows.
func (s *declared) checkStamp(plan *plan.Plan) error {
	p, ok := s.Timestamps.(timestamp.PerRecord)
	if !ok {
		return nil
	}
	column := stamp.Column(p)
	name, _, _ := plan.Field(column)
	switch {
	case column == string(s.Scope), column == hashColumn, s.Remove.engine.Kind == model.Cancel && column == s.Remove.engine.Column:
		return fmt.Errorf("the time of runs is kept in column %q, which has another purpose: name another column", column)
	case plan.Filled(column) != "":
		return fmt.Errorf("the time of runs is kept in column %q, which %s fills through field %s: name another column", column, plan.Filled(column), name)
	}
	return nil
}

// checkRemoveBy says whether a function removes rows of T.
func checkRemoveBy(r Removal, want reflect.Type) error {
	if r.engine.Func == nil {
		return errors.New("removal: RemoveBy got no function: give one")
	}
	if r.row != want {
		return fmt.Errorf("removal: the function of RemoveBy takes rows of %s, but the model's are %s", r.row, want)
	}
	return nil
}

func (s *declared) checkScopeField(plan *plan.Plan) error {
	column := string(s.Scope)
	name, _, _ := plan.Field(column)
	switch {
	case column == "":
		return nil
	case column == s.IDColumn:
		return fmt.Errorf("the Scope column %q is the remote id's: name the column of the account or parent", column)
	case column == hashColumn:
		return fmt.Errorf("the Scope column %q keeps the fingerprint: name the column of the account or parent", column)
	case strings.Contains(column, "."):
		return fmt.Errorf("the Scope column %q has a dot in its name: name a column of the table", column)
	case plan.Filled(column) != "":
		return fmt.Errorf("the Scope column %q is filled from the scope, but %s fills it too, through field %s: leave that field a db tag alone", column, plan.Filled(column), name)
	}
	return nil
}

// checkOwnTables finds a database that was not migrated.
func (s *declared) checkOwnTables(ctx context.Context, db backend.Store) error {
	if _, perScope := s.Timestamps.(timestamp.PerScope); !perScope {
		return nil
	}
	own, err := db.Describe(ctx, "synced_timestamps")
	if err == nil && len(own.Columns) == 0 {
		err = errors.New("the database has no table synced_timestamps: call Migrate on the store first")
	}
	return err
}

// checkTable finds a schema's name where the database has none.
func (s *declared) checkTable(dialect backend.Dialect) error {
	if !dialect.Schemas() && strings.Contains(s.Table, ".") {
		return fmt.Errorf("the Table %q names a schema, which SQLite does not have: name the table alone", s.Table)
	}
	return s.checkTranslationTable(dialect)
}

// bind compares the declaration with the table, and completes the plan with what
// the table says.
func (s *declared) bind(plan *plan.Plan, table *backend.Table, found backend.Description) error {
	if err := s.bindScope(plan, table, found); err != nil {
		return err
	}
	if err := plan.Bind(found); err != nil {
		return err
	}
	if err := plan.CheckVersion(); err != nil {
		return err
	}
	if err := s.bindRemoval(plan, table, found); err != nil {
		return err
	}
	if err := stamp.Check(s.Timestamps, found); err != nil {
		return err
	}
	if err := checkHash(table, found); err != nil {
		return err
	}
	table.IDKind = plan.IDKind()
	table.Columns = plan.Columns()
	if err := checkUnique(table, found); err != nil {
		return err
	}
	return checkFilled(table, found)
}

// bindScope settles what kind of key the scope is.
func (s *declared) bindScope(plan *plan.Plan, table *backend.Table, found backend.Description) error {
	if table.Scope == "" {
		return nil
	}
	c, ok := found.Column(table.Scope)
	if !ok {
		return fmt.Errorf("the Scope column %q is not in the table: add it, or declare another", table.Scope)
	}
	held := kindOfColumn(c.Type)
	table.ScopeKind, table.ScopeType = held, c.Type
	if name, typ, ok := plan.Field(table.Scope); ok {
		kind, err := plan.ScopeKind(table.Scope)
		switch {
		case err != nil:
			return err
		case held != 0 && (kind == backend.Int) != (held == backend.Int):
			return fmt.Errorf("the Scope column %q of type %s does not hold field %s of type %s: change one of them", table.Scope, c.Type, name, typ)
		case held == 0, kind == backend.UUID:
			table.ScopeKind = kind
		}
	}
	if table.ScopeKind == 0 {
		table.ScopeKind = backend.Text
	}
	return nil
}

// bindRemoval settles the column that cancelling sets.
func (s *declared) bindRemoval(plan *plan.Plan, table *backend.Table, found backend.Description) error {
	removal := s.Remove.engine
	if removal.Kind != model.Cancel && removal.Kind != model.CancelOrDestroy {
		return nil
	}
	table.Canceled = ""
	c, ok := found.Column(removal.Column)
	switch {
	case !ok && removal.Kind == model.CancelOrDestroy:
		return nil
	case !ok:
		return fmt.Errorf("removal sets column %q, which is not in the table: add it, or remove by synced.Destroy", removal.Column)
	case c.NotNull:
		return fmt.Errorf("removal sets column %q to null for rows that exist, but the column is NOT NULL: allow null", c.Name)
	case found.Strict && c.Type != "date" && !strings.HasPrefix(c.Type, "timestamp"):
		return fmt.Errorf("removal sets column %q to a time, but the column is of type %s: make it timestamptz", c.Name, c.Type)
	}
	table.Canceled = c.Name
	plan.Manage(c.Name)
	return nil
}

// checkHash says whether the column of the fingerprint, where there is one, can
// keep it: 64 bits, or null.
func checkHash(table *backend.Table, found backend.Description) error {
	c, ok := found.Column(table.Hash)
	switch {
	case !ok:
		return nil
	case c.NotNull:
		return fmt.Errorf("column %q is set to null for rows that were edited, but the column is NOT NULL: allow null", c.Name)
	case found.Strict && c.Type != "bigint":
		return fmt.Errorf("column %q keeps 64-bit numbers, but is of type %s: make it bigint", c.Name, c.Type)
	}
	return nil
}

// checkUnique asks for the index that keeps a remote id from having two rows.
func checkUnique(table *backend.Table, found backend.Description) error {
	want := []string{table.ID}
	if table.Scope != "" {
		want = []string{table.Scope, table.ID}
	}
	for _, columns := range found.Unique {
		if slices.Contains(columns, table.ID) && !slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(want, c) }) {
			return nil
		}
	}
	quoted := make([]string, len(want))
	for i, c := range want {
		quoted[i] = store.Quote(c)
	}
	return fmt.Errorf("the table has no unique index on (%s), so one remote object could get two rows: CREATE UNIQUE INDEX %s ON %s (%s)",
		strings.Join(want, ", "), store.Quote(table.Name[strings.LastIndex(table.Name, ".")+1:]+"_synced"), store.Quote(table.Name), strings.Join(quoted, ", "))
}

// checkFilled finds columns that a run could not insert a row without.
func checkFilled(table *backend.Table, found backend.Description) error {
	for _, c := range found.Columns {
		managed := slices.ContainsFunc(table.Columns, func(own backend.Column) bool { return own.Name == c.Name && (own.Managed || own.Parent) })
		switch {
		case !c.NotNull || c.HasDefault || managed || c.Name == table.Scope || c.Name == table.Hash:
		case c.Name == table.Stamp:
			return fmt.Errorf("column %q keeps the time of runs, which a new row does not have yet, but the column is NOT NULL: allow null", c.Name)
		default:
			return fmt.Errorf("column %q is NOT NULL without a default, and no attribute fills it: give it a default, or a field with a json tag", c.Name)
		}
	}
	return nil
}

// kindOfColumn is the kind of key that a column holds; 0 when its field tells.
func kindOfColumn(dbType string) backend.Kind {
	switch {
	case strings.Contains(dbType, "int"):
		return backend.Int
	case dbType == "uuid":
		return backend.UUID
	case strings.Contains(dbType, "char"), strings.Contains(dbType, "text"):
		return backend.Text
	default:
		return 0
	}
}

// settledRemoval is the declared removal, once the table is known.
func (s *declared) settledRemoval(table *backend.Table) model.Removal {
	r := s.Remove.engine
	if r.Kind != model.CancelOrDestroy {
		return r
	}
	if table.Canceled == "" {
		return model.Removal{Kind: model.Destroy}
	}
	r.Kind = model.Cancel
	return r
}
