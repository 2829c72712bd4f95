// Package declare checks declarations of models, binds them to a database, and
// settles what a call overrides. It knows the Go type of rows by reflection alone,
// so that it is compiled once for all models.
package declare

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/logged"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// Declaration is a synced.Synced without its type parameter. Its fields are
// documented there; zero values are the defaults.
type Declaration struct {
	Row reflect.Type

	Table, Endpoint, IDColumn, Scope string

	ID   []string
	IDOf func(o remote.Object) (string, error)

	API    remote.API
	APIFor func(ctx context.Context, scope any) (remote.API, error)
	Ask    Ask
	AskFor func(scope any) Ask

	Each             *Each // nil where the model is listed by itself
	Associations     []Association
	BelongsTo        []Parent
	TranslationTable string

	Strategy   strategy.Strategy
	Timestamps timestamp.Strategy
	Commit     *Commit
	Remove     Removal
	Tombstone  func(o remote.Object) bool
	Partial    bool
	Expand     int
	Volatile   []string
	Redact     []Redaction
	Version    string
	Zone       *time.Location
	Map        func(o remote.Object, row any) error
	MapVersion int
	Quarantine *Quarantine // nil fails the run
	OnChange   func(ctx context.Context, tx backend.Tx, changes []model.Change) error
	Outbox     bool
	// Touch and Created name columns of the service's own for times of writes.
	Touch, Created string
	// TranslationParent and TranslationLocale name the columns that identify a
	// translation.
	TranslationParent, TranslationLocale string
	Log                                  *slog.Logger
	// Observer is told what runs do; filled adds the Log to it.
	Observer observe.Observer

	// Err is a mistake that was found before T was left out.
	Err error
}

// Ask is what a request asks for beside the endpoint. What is nil is left to
// others.
type Ask struct {
	Query           url.Values
	Fields, Include []string
}

// or fills what is nil.
func (a Ask) or(other Ask) Ask {
	if a.Query == nil {
		a.Query = other.Query
	}
	if a.Fields == nil {
		a.Fields = other.Fields
	}
	if a.Include == nil {
		a.Include = other.Include
	}
	return a
}

// Commit is what a transaction of a run holds: a page, or everything.
type Commit struct {
	Atomic     bool
	Checkpoint time.Duration
}

// Quarantine is how many invalid records a run may keep apart.
type Quarantine struct{ Limit float64 }

// Removal is what happens to rows whose records are gone. The zero Removal is
// undecided, and so are a Limit and a Verify that are zero.
type Removal struct {
	model.Removal
	// Row is what the function of a custom removal takes.
	Row reflect.Type
}

// The defaults of choices.
const (
	defaultCheckpoint = 2 * time.Second
	defaultLimit      = 0.5
	defaultQuarantine = 0.1
)

// hashColumn keeps the fingerprints.
const hashColumn = "synced_hash"

// filled returns the declaration with its defaults.
func (d Declaration) filled() Declaration {
	d.Endpoint = cmp.Or(d.Endpoint, d.Table[strings.LastIndex(d.Table, ".")+1:])
	d.IDColumn = cmp.Or(d.IDColumn, "synced_id")
	switch {
	case d.Strategy != nil:
	case slices.Equal(d.ID, []string{plan.Content}):
		d.Strategy = strategy.Full{}
	default:
		d.Strategy = strategy.UpdatedSince{}
	}
	if d.Timestamps == nil {
		d.Timestamps = timestamp.PerScope{}
	}
	commit := Commit{}
	if d.Commit != nil {
		commit = *d.Commit
	}
	commit.Checkpoint = cmp.Or(commit.Checkpoint, defaultCheckpoint)
	d.Commit = &commit
	d.Remove.Limit = cmp.Or(d.Remove.Limit, defaultLimit)
	d.Remove.Verify = cmp.Or(d.Remove.Verify, model.VerifyShifting)
	if d.Quarantine != nil {
		d.Quarantine = &Quarantine{Limit: cmp.Or(d.Quarantine.Limit, defaultQuarantine)}
	}
	d.Observer = observe.Join(logged.To(d.Log), d.Observer)
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return d
}

// fail puts an error into the declaration's path.
func (d *Declaration) fail(err error) error {
	name := d.Table
	if strings.TrimSpace(name) == "" {
		name = "Synced[" + d.Row.String() + "]"
	}
	return fmt.Errorf("synced: %s: %w", name, err)
}

// IsNil reports whether an interface holds nothing, or a nil pointer.
func IsNil(v any) bool {
	rv := reflect.ValueOf(v)
	return !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil()
}
