// Package engine runs strategies: it fetches pages, writes them in short
// transactions, removes what is proven to be gone, and keeps the time. It knows
// rows and columns, and nothing of the models' Go types.
package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// Model is a declaration bound to a database.
type Model struct {
	DB         backend.Store
	Table      *backend.Table
	Plan       *plan.Plan
	Strategy   strategy.Strategy
	Timestamps timestamp.Strategy
	Log        *slog.Logger

	// Associations are the models whose objects are nested in this one's.
	Associations []Association
	// Parents are the models that rows of this one point to.
	Parents []Parent
	// Dependents are the models that point to this one.
	Dependents *Dependents
	// Removal is the declared one, for runs that come with a parent's.
	Removal Removal

	// OnChange, where set, is called with each page's changes in its transaction.
	OnChange func(ctx context.Context, tx backend.Tx, changes []Change) error
	// Outbox says that changes are appended to the outbox.
	Outbox bool
	// Tombstone, where set, says that a listed object was deleted remotely.
	Tombstone func(o remote.Object) bool
	// Quarantine sets records aside that can't be mapped, up to a share of those
	// that a run sees. Without it, such a record fails the run.
	Quarantine      bool
	QuarantineLimit float64
	// Leftover says that there may be records in quarantine although Quarantine is
	// not declared any more. Those that are listed again leave it.
	Leftover bool
	// Validators says that the database has a table for them.
	Validators bool
}

// Call is what one run does, with everything settled that declaration, scope and
// call have a say in.
type Call struct {
	Scope    any
	Strategy strategy.Strategy
	API      remote.API // nil when records are given
	Request  remote.Request
	// Records are given by the caller, when Given.
	Records []remote.Object
	Given   bool
	// Filtered says that the request may leave out records that exist.
	Filtered bool
	Removal  Removal
	Atomic   bool
	// Checkpoint is how often an unfinished pass notes where it is; negative is
	// never.
	Checkpoint time.Duration
	// DryRun finds out what the run would do, and writes nothing.
	DryRun bool
	// Wait is how long another run of the scope is waited for.
	Wait time.Duration
	// AllowRemoval lifts the guards against removing too much.
	AllowRemoval bool
}

// Change is what happened to one row. Old and New are rows: pointers to the
// model's type.
type Change struct {
	Kind     report.Kind
	ID       backend.ID
	Old, New any
}

func (m *Model) subject(scope any) timestamp.Subject {
	return timestamp.Subject{Model: m.Table.Name, Table: m.Table, Scope: scope}
}
