package synced

import (
	"context"
	"log/slog"
	"net/url"
	"reflect"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// declared is a declaration without its type parameter, so that what checks and
// runs it is compiled once and not again for each model.
type declared struct {
	Row          reflect.Type
	Table        string
	Endpoint     string
	IDColumn     string
	Scope        ScopeColumn
	API          remote.API
	APIFor       func(ctx context.Context, scope Scope) (remote.API, error)
	Query        url.Values
	QueryFor     func(scope Scope) url.Values
	Fields       []string
	FieldsFor    func(scope Scope) []string
	Include      []string
	IncludeFor   func(scope Scope) []string
	Associations []Association
	BelongsTo    []Parent

	TranslationTable string
	Strategy         strategy.Strategy
	Timestamps       timestamp.Strategy
	Commit           Commit
	Checkpoint       time.Duration
	Remove           Removal
	RemovalLimit     float64
	Verify           Verify
	Tombstone        func(o remote.Object) bool
	Volatile         []string
	Version          string
	Map              func(o remote.Object, row any) error
	MapVersion       int
	Invalid          Invalid
	QuarantineLimit  float64
	OnChange         func(ctx context.Context, tx backend.Tx, changes []model.Change) error
	Outbox           bool
	Log              *slog.Logger
}

// erase returns the declaration without T. Only what takes a row knows its type.
func (s Synced[T]) erase() *declared {
	d := &declared{
		Row:   reflect.TypeFor[T](),
		Table: s.Table, Endpoint: s.Endpoint, IDColumn: s.IDColumn, Scope: s.Scope,
		API: s.API, APIFor: s.APIFor,
		Query: s.Query, QueryFor: s.QueryFor, Fields: s.Fields, FieldsFor: s.FieldsFor, Include: s.Include, IncludeFor: s.IncludeFor,
		Associations: s.Associations, BelongsTo: s.BelongsTo, TranslationTable: s.TranslationTable,
		Strategy: s.Strategy, Timestamps: s.Timestamps, Commit: s.Commit, Checkpoint: s.Checkpoint,
		Remove: s.Remove, RemovalLimit: s.RemovalLimit, Verify: s.Verify, Tombstone: s.Tombstone,
		Volatile: s.Volatile, Version: s.Version, MapVersion: s.MapVersion,
		Invalid: s.Invalid, QuarantineLimit: s.QuarantineLimit, Outbox: s.Outbox, Log: s.Log,
	}
	if s.Map != nil {
		d.Map = func(o remote.Object, row any) error { return s.Map(o, row.(*T)) }
	}
	if s.OnChange != nil {
		d.OnChange = func(ctx context.Context, tx backend.Tx, changes []model.Change) error {
			return s.OnChange(ctx, backend.ForHandler(tx), typed[T](changes))
		}
	}
	return d
}

// typed gives a handler its changes.
func typed[T any](changes []model.Change) []Change[T] {
	list := make([]Change[T], len(changes))
	for i, c := range changes {
		list[i] = Change[T]{Kind: c.Kind, ID: c.ID.String()}
		list[i].Old, _ = c.Old.(*T)
		list[i].New, _ = c.New.(*T)
	}
	return list
}
