package synced

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/stamp"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// New binds a declaration to a database. It fills in the defaults, makes the
// plan from T to columns, and compares the plan with the table; a mistake is an
// error that names the model, the field and the mend. It reads from the database
// and writes nothing.
func New[T any](db store.Store, declaration Synced[T]) (*Model[T], error) {
	// A database that does not answer is an error too, if a late one.
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	d := declaration.erase()
	h, err := newModel(ctx, db, d)
	if err != nil {
		return nil, d.fail(err)
	}
	return &Model[T]{Handle: h}, nil
}

// fail puts an error into the declaration's path.
func (s *declared) fail(err error) error {
	name := s.Table
	if strings.TrimSpace(name) == "" {
		name = "Synced[" + s.Row.String() + "]"
	}
	return fmt.Errorf("synced: %s: %w", name, err)
}

func newModel(ctx context.Context, opened store.Store, d *declared) (*Handle, error) {
	db, err := backend.Of(opened)
	if err != nil {
		return nil, err
	}
	d.fill()
	plan, table, err := d.plan()
	if err != nil {
		return nil, err
	}
	if err := d.checkTable(db.Dialect()); err != nil {
		return nil, err
	}
	m := &Handle{declared: d}
	found, err := db.Describe(ctx, d.Table)
	if err != nil {
		return nil, fmt.Errorf("read the table's columns: %w", err)
	}
	if err := d.checkOwnTables(ctx, db); err != nil {
		return nil, err
	}
	if err := d.checkOutbox(ctx, db); err != nil {
		return nil, err
	}
	if len(found.Columns) == 0 {
		return nil, fmt.Errorf("the database has no table %q: create it, Synced.Schema has the DDL", d.Table)
	}
	if err := d.bind(plan, table, found); err != nil {
		return nil, err
	}
	if err := d.bindTranslations(ctx, db, plan, table); err != nil {
		return nil, err
	}
	m.schema = db.Dialect().Schema(table)
	_, m.cancelable = found.Column("canceled_at")
	m.declared.Remove.engine = d.settledRemoval(table)
	if !guarded(table, found) {
		d.Log.Debug("synced: the table has no "+hashColumn+" that the trigger "+table.Guard()+" guards: rows are compared by their columns, which is slower; Schema has the DDL", "model", d.Table)
		table.Hash = ""
	}
	associations, err := d.associate(db, table)
	if err != nil {
		return nil, err
	}
	parents, err := d.parents(db, table)
	if err != nil {
		return nil, err
	}
	table.Unread = d.OnChange == nil && !d.Outbox
	m.engine = &model.Model{
		DB: db, Table: table, Plan: plan, Removal: m.declared.Remove.engine,
		Associations: associations, Parents: parents, Dependents: &model.Dependents{},
		Strategy: d.Strategy, Timestamps: d.Timestamps, Log: d.Log,
		Tombstone: d.Tombstone, Outbox: d.Outbox,
		Quarantine: d.Invalid == Quarantine, QuarantineLimit: d.QuarantineLimit,
	}
	if m.engine.Leftover, err = d.leftover(ctx, m.engine); err != nil {
		return nil, err
	}
	for i := range m.engine.Parents {
		m.engine.Parents[i].Model.Dependents.Add(m.engine, &m.engine.Parents[i])
	}
	if d.OnChange != nil {
		m.engine.OnChange = d.OnChange
	}
	m.hint(ctx)
	return m, nil
}

// hashColumn keeps the fingerprints.
const hashColumn = "synced_hash"

// fill sets the defaults.
func (s *declared) fill() {
	if s.Endpoint == "" {
		s.Endpoint = s.Table[strings.LastIndex(s.Table, ".")+1:]
	}
	if s.IDColumn == "" {
		s.IDColumn = "synced_id"
	}
	if s.Strategy == nil {
		s.Strategy = strategy.UpdatedSince{}
	}
	if s.Timestamps == nil {
		s.Timestamps = timestamp.PerScope{}
	}
	if s.Commit == 0 {
		s.Commit = PerPage
	}
	if s.RemovalLimit == 0 {
		s.RemovalLimit = 0.5
	}
	if s.Verify == 0 {
		s.Verify = VerifyShifting
	}
	if s.Checkpoint == 0 {
		s.Checkpoint = 2 * time.Second
	}
	if s.Invalid == 0 {
		s.Invalid = Fail
	}
	if s.QuarantineLimit == 0 {
		s.QuarantineLimit = 0.1
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
}

// plan checks a filled declaration by itself, and makes its plan.
func (s *declared) plan() (*plan.Plan, *backend.Table, error) {
	if strings.Trim(s.Table, ". ") == "" {
		return nil, nil, errors.New("the declaration has no Table: name the table")
	}
	plan, err := plan.New(s.Row, plan.Options{IDColumn: s.IDColumn, Version: s.MapVersion, Volatile: s.Volatile, Map: s.Map})
	if err != nil {
		return nil, nil, err
	}
	if err := s.checkSettings(plan); err != nil {
		return nil, nil, err
	}
	table := &backend.Table{
		Name: s.Table, ID: s.IDColumn, IDKind: plan.IDKind(), Scope: string(s.Scope), Hash: hashColumn,
		Data: plan.DataColumn(), Version: s.Version, New: plan.NewRow,
	}
	if table.ScopeKind, err = plan.ScopeKind(table.Scope); err != nil {
		return nil, nil, err
	}
	if table.ScopeKind == 0 {
		table.ScopeKind = backend.Int
	}
	if _, _, ok := plan.Field("canceled_at"); s.Remove.engine.Kind == model.Cancel || s.Remove.engine.Kind == model.CancelOrDestroy && ok {
		table.Canceled = s.Remove.engine.Column
		plan.Manage(table.Canceled)
	}
	if p, ok := s.Timestamps.(timestamp.PerRecord); ok {
		table.Stamp = stamp.Column(p)
	}
	table.Columns = plan.Columns()
	return plan, table, s.planTranslations(plan, table)
}

// isNil says that an interface holds nothing, or a nil pointer.
func isNil(v any) bool {
	rv := reflect.ValueOf(v)
	return !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil()
}

// guarded says that the table has a fingerprint, and the trigger that takes it
// away from rows that are edited locally.
func guarded(table *backend.Table, found backend.Description) bool {
	_, ok := found.Column(table.Hash)
	return ok && slices.Contains(found.Triggers, table.Guard())
}
