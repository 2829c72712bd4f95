package synced

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/syncedgo/synced/internal/engine"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/timestamp"
)

// checkSettings finds mistakes that the declaration shows by itself.
func (s *Synced[T]) checkSettings(plan *mapper.Plan) error {
	if err := s.Strategy.Validate(); err != nil {
		return fmt.Errorf("strategy %s: %w", s.Strategy.Name(), err)
	}
	switch {
	case s.Commit != PerPage && s.Commit != Atomic:
		return fmt.Errorf("Commit is %d: use synced.PerPage or synced.Atomic", s.Commit)
	case s.RemovalLimit < 0 || s.RemovalLimit > 1:
		return fmt.Errorf("RemovalLimit %v is not a share: give a number over 0, up to 1", s.RemovalLimit)
	case s.Query != nil && s.QueryFor != nil:
		return errors.New("both Query and QueryFor are set: keep one")
	case s.Fields != nil && s.FieldsFor != nil:
		return errors.New("both Fields and FieldsFor are set: keep one")
	case s.Include != nil && s.IncludeFor != nil:
		return errors.New("both Include and IncludeFor are set: keep one")
	}
	if err := checkFields(s.Fields, plan.RemoteNames()); err != nil {
		return err
	}
	if err := s.checkRemoval(plan); err != nil {
		return err
	}
	return s.checkScopeField(plan)
}

func (s *Synced[T]) checkRemoval(plan *mapper.Plan) error {
	removal := s.Remove.engine
	switch removal.Kind {
	case engine.Custom:
		return checkRemoveBy[T](s.Remove)
	case engine.Cancel, engine.CancelOrDestroy:
		if removal.Column == "" {
			return errors.New("Remove: synced.Cancel names no column: name one, such as canceled_at")
		}
		if remote := plan.RemoteName(removal.Column); remote != "" {
			return fmt.Errorf("Remove sets column %q, which keeps attribute %q: cancel by another column", removal.Column, remote)
		}
		if typ, ok := plan.FieldType(removal.Column); ok && typ.Kind() != reflect.Pointer && typ.Kind() != reflect.Struct || ok && typ == reflect.TypeFor[time.Time]() {
			return fmt.Errorf("Remove sets column %q to a time or to null, but its field is a %s: make it a *time.Time", removal.Column, typ)
		}
	}
	return nil
}

// checkRemoveBy says whether a function removes rows of T.
func checkRemoveBy[T any](r Removal) error {
	if want := reflect.TypeFor[T](); r.row != want {
		return fmt.Errorf("Remove: the function of RemoveBy takes rows of %s, but the model's are %s", r.row, want)
	}
	return nil
}

func (s *Synced[T]) checkScopeField(plan *mapper.Plan) error {
	column := string(s.Scope)
	switch {
	case column == "":
		return nil
	case column == s.IDColumn:
		return fmt.Errorf("Scope column %q is the remote id's: name the column of the account or parent", column)
	case strings.Contains(column, "."):
		return fmt.Errorf("Scope column %q has a dot in its name: name a column of the table", column)
	}
	if remote := plan.RemoteName(column); remote != "" {
		return fmt.Errorf("Scope column %q is filled from the scope, but a field fills it from attribute %q: drop that json tag", column, remote)
	}
	return nil
}

// checkOwnTables finds a database that was not migrated.
func (s *Synced[T]) checkOwnTables(ctx context.Context, db store.Store) error {
	if _, perScope := s.Timestamps.(timestamp.PerScope); !perScope {
		return nil
	}
	own, err := db.Describe(ctx, "synced_timestamps")
	if err == nil && len(own.Columns) == 0 {
		err = errors.New("the database has no table synced_timestamps: call Migrate on the store first")
	}
	return err
}

// bind compares the declaration with the table, and completes the plan with what
// the table says.
func (s *Synced[T]) bind(plan *mapper.Plan, table *store.Table, found store.Description, dialect string) error {
	if err := plan.Bind(found, dialect); err != nil {
		return err
	}
	if table.Scope != "" {
		c, ok := found.Column(table.Scope)
		if !ok {
			return fmt.Errorf("Scope column %q is not in the table: add it, or declare another", table.Scope)
		}
		kind := kindOfColumn(c.Type)
		if typ, ok := plan.FieldType(table.Scope); ok && (kindOf(typ) == store.Int) != (kind == store.Int) {
			return fmt.Errorf("Scope column %q is of type %s, which does not hold a %s", table.Scope, c.Type, typ)
		}
		table.ScopeKind, table.ScopeType = kind, c.Type
	}
	if s.Remove.engine.Kind == engine.Cancel || s.Remove.engine.Kind == engine.CancelOrDestroy {
		c, ok := found.Column(s.Remove.engine.Column)
		switch {
		case !ok && s.Remove.engine.Kind == engine.Cancel:
			return fmt.Errorf("Remove sets column %q, which is not in the table: add it, or remove by synced.Destroy", s.Remove.engine.Column)
		case ok && c.NotNull:
			return fmt.Errorf("Remove sets column %q to null for rows that exist, but the column is NOT NULL: allow null", c.Name)
		case ok:
			table.Canceled = c.Name
			plan.Manage(c.Name)
		default:
			table.Canceled = ""
		}
	}
	if err := s.Timestamps.Validate(found); err != nil {
		return err
	}
	table.IDKind = plan.IDKind()
	table.Columns = plan.Columns()
	if err := checkUnique(table, found); err != nil {
		return err
	}
	return checkFilled(table, found)
}

// checkUnique asks for the index that keeps a remote id from having two rows.
func checkUnique(table *store.Table, found store.Description) error {
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
func checkFilled(table *store.Table, found store.Description) error {
	for _, c := range found.Columns {
		managed := slices.ContainsFunc(table.Columns, func(own store.Column) bool { return own.Name == c.Name && own.Managed })
		if c.NotNull && !c.HasDefault && !managed && c.Name != table.Scope && c.Name != table.Hash {
			return fmt.Errorf("column %q is NOT NULL without a default, and no attribute fills it: give it a default, or a field with a json tag", c.Name)
		}
	}
	return nil
}

// kindOfColumn is the kind of key that a column holds.
func kindOfColumn(dbType string) store.Kind {
	switch {
	case strings.Contains(dbType, "int"):
		return store.Int
	case dbType == "uuid":
		return store.UUID
	default:
		return store.Text
	}
}

// settledRemoval is the declared removal, once the table is known.
func (s *Synced[T]) settledRemoval(table *store.Table) engine.Removal {
	r := s.Remove.engine
	if r.Kind != engine.CancelOrDestroy {
		return r
	}
	if table.Canceled == "" {
		return engine.Removal{Kind: engine.Destroy}
	}
	r.Kind = engine.Cancel
	return r
}
