package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/oauth"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/store"
)

// Registry is what a service has for its operators to work with.
type Registry struct {
	// DB is the database. It need not be migrated.
	DB store.Store
	// Models returns the models and their scopes, each a *synced.Model or its Handle. An
	// entry without an interval is not scheduled. It is called once, by the commands that
	// need models, and not by migrate. It may be called while a service starts.
	Models func(ctx context.Context) ([]schedule.Entry, error)
	// Declared are the declarations of the models, synced.Synced, for schema: it then works
	// before there are tables. Defaults to none: schema asks Models.
	Declared []Declaration
	// Schedule are the settings of the service's schedule, for "schedule start".
	Schedule schedule.Options
	// Tokens are the tokens of accounts. Defaults to none.
	Tokens *oauth.Tokens
}

// Declaration is a [synced.Synced].
type Declaration interface {
	Schema(db store.Store, parts ...synced.SchemaPart) (string, error)
}

// model is what commands do with one: a *synced.Model or a *synced.Handle.
type model interface {
	schedule.Model
	synced.Runnable
	PerParent() bool
	Freshness(ctx context.Context, scope synced.Scope) (synced.Freshness, error)
	SyncOne(ctx context.Context, scope synced.Scope, remoteID any, call ...synced.Call) (synced.Result, error)
	Check(ctx context.Context, scope synced.Scope, call ...synced.Call) (*synced.Diff, error)
	Apply(ctx context.Context, scope synced.Scope, diff *synced.Diff, call ...synced.Call) (synced.Result, error)
	Reset(ctx context.Context, scope synced.Scope) error
	Remap(ctx context.Context, scope synced.Scope) (synced.Result, error)
	DropQuarantined(ctx context.Context, scope synced.Scope, remoteIDs ...any) (int, error)
	RefusedRemovals(ctx context.Context) iter.Seq2[synced.RefusedRemoval, error]
	ApproveRemoval(ctx context.Context, scope synced.Scope, plan string, call ...synced.Call) (synced.Result, error)
	Schema(parts ...synced.SchemaPart) string
}

var _ model = (*synced.Handle)(nil)

// registered is a model with its entry.
type registered struct {
	model
	entry schedule.Entry
}

// book has what is registered, and finds it by its names.
type book struct {
	registry Registry
	known    []registered
}

// models returns the registered models, parents before their children.
func (b *book) models(ctx context.Context) ([]registered, error) {
	if b.known != nil {
		return b.known, nil
	}
	if b.registry.Models == nil {
		return nil, errors.New("there are no models: set Models in the cli.Registry")
	}
	entries, err := b.registry.Models(ctx)
	if err != nil {
		return nil, err
	}
	byName := map[string]registered{}
	var names []string
	for _, e := range entries {
		m, ok := e.Model.(model)
		if !ok {
			return nil, fmt.Errorf("an entry of the cli.Registry has a Model of type %T: give a *synced.Model or its Handle", e.Model)
		}
		if _, twice := byName[m.Name()]; twice {
			return nil, fmt.Errorf("%s has two entries in the cli.Registry: give one for each model", m.Name())
		}
		if e.Scopes == nil {
			e.Scopes = schedule.Fixed(synced.NoScope)
		}
		byName[m.Name()], names = registered{m, e}, append(names, m.Name())
	}
	list := []registered{}
	seen := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		m, ok := byName[name]
		if !ok || seen[name] {
			return
		}
		seen[name] = true
		for _, parent := range m.Parents() {
			add(parent)
		}
		list = append(list, m)
	}
	for _, name := range names {
		add(name)
	}
	b.known = list
	return list, nil
}

// named returns the model of a name, or all where there is none.
func (b *book) named(ctx context.Context, args []string) ([]registered, error) {
	list, err := b.models(ctx)
	if err != nil || len(args) == 0 {
		return list, err
	}
	i := slices.IndexFunc(list, func(m registered) bool { return m.Name() == args[0] })
	if i >= 0 {
		return list[i : i+1], nil
	}
	var names []string
	for _, m := range list {
		names = append(names, m.Name())
	}
	return nil, fmt.Errorf("no model %s: %s", args[0], meant(args[0], names))
}

// schedule makes the schedule of the entries that have an interval.
func (b *book) schedule(ctx context.Context) (*schedule.Schedule, error) {
	list, err := b.models(ctx)
	if err != nil {
		return nil, err
	}
	var entries []schedule.Entry
	for _, m := range list {
		if m.entry.Every > 0 {
			entries = append(entries, m.entry)
		}
	}
	if len(entries) == 0 {
		return nil, nil
	}
	return schedule.New(ctx, b.registry.DB, b.registry.Schedule, entries...)
}

// mustSchedule is schedule where there must be one.
func (b *book) mustSchedule(ctx context.Context) (*schedule.Schedule, error) {
	s, err := b.schedule(ctx)
	if err == nil && s == nil {
		err = errors.New("nothing is scheduled: give entries an interval, as schedule.Every does")
	}
	return s, err
}
