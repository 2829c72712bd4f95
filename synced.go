package synced

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// Synced declares a model: how remote objects become rows of a table, and how
// the table is kept in step. Only Table, and an API somewhere, must be given.
//
// T is a struct with tags:
//
//   - `json:"name" db:"name"`: a local attribute, written by runs
//   - `json:"name"`: a delegated attribute, read from the stored object
//   - `db:"name" synced:"computed"`: set by Map, written by runs
//   - `db:"name"`: the service's own, never written by a run
//   - `json:"name" db:"name" synced:"translated"`: [Translations], in a table of
//     their own
//   - `validate:"required"`: a rule of go-playground/validator for the row
//
// The field of the remote id has db:"synced_id"; a field of type [Data] keeps
// the whole remote object, and may be left out where nothing is delegated.
// Embedded structs count as if their fields stood in T.
type Synced[T any] struct {
	// Table is the model's table, "rentals" or "crm.rentals". It names the model
	// in errors, in logs and in the stored times.
	Table string
	// Endpoint is the remote collection. Defaults to Table, without its schema.
	Endpoint string
	// IDColumn is the column of the remote id. Defaults to synced_id.
	IDColumn string
	// Scope says which column ties a row to its scope, such as an account:
	// ScopeColumn("account_id"). Defaults to none: the whole table is the scope.
	Scope ScopeColumn

	// API lists the remote objects. APIFor gives each scope its own, with the
	// credentials of an account; a nil API from it falls back to API. A call's API
	// comes before both.
	API    remote.API
	APIFor func(ctx context.Context, scope Scope) (remote.API, error)

	// Query holds parameters sent with each request, and Fields and Include the
	// attributes and related data to ask for, by default what the remote sends
	// anyway. The functions, where set, give them by scope instead.
	Query      url.Values
	QueryFor   func(scope Scope) url.Values
	Fields     []string
	FieldsFor  func(scope Scope) []string
	Include    []string
	IncludeFor func(scope Scope) []string

	// Associations are models whose objects are nested in this one's: HasMany and
	// HasOne. Defaults to none.
	Associations []Association
	// BelongsTo are models that rows point to by a remote id in their objects.
	// Defaults to none.
	BelongsTo []Parent

	// TranslationTable is the table of the fields with synced:"translated".
	// Defaults to Table + "_translations".
	TranslationTable string

	// Strategy is strategy.UpdatedSince, strategy.Full or strategy.Check.
	// Defaults to strategy.UpdatedSince{}.
	Strategy strategy.Strategy
	// Timestamps says where the time of the last run is kept. Defaults to
	// timestamp.PerScope{}.
	Timestamps timestamp.Strategy
	// Commit is PerPage or Atomic. Defaults to PerPage.
	Commit Commit

	// Checkpoint is how often a complete run that commits page by page notes where
	// it is, so that the next one goes on there after it was killed or failed.
	// Only remotes whose pages stay put can be gone on with: see
	// remote.Page.Cursor. Defaults to 2 seconds; negative is never.
	Checkpoint time.Duration

	// Remove is what happens to rows that are gone remotely. Defaults to Keep.
	Remove Removal
	// RemovalLimit is the largest share of a scope of more than 100 rows that a
	// complete run may remove because the remote did not list it. Defaults to 0.5;
	// 1 sets no limit.
	RemovalLimit float64
	// Verify says which records that a complete run did not list are asked for
	// before their rows are removed. Defaults to VerifyShifting.
	Verify Verify
	// Tombstone says that a listed object was deleted remotely: by its status, or
	// a deleted_at. With removal on, such a record is removed instead of written.
	Tombstone func(o remote.Object) bool

	// Volatile are paths of values that change without meaning ("meta.generated_at"):
	// they alone never make a row updated, and the stored object keeps the values
	// that it has. Defaults to none. The order of members, and the spelling of
	// numbers and strings, mean nothing anyway.
	Volatile []string

	// Version is the column of a local or computed attribute that tells versions of
	// a record, "updated_at": a time, a number (a decimal kept as a string needs a
	// column of type numeric), or a text that sorts by its bytes. An ETag or a hash
	// has no order, and is no version.
	//
	// A record that is older than its row writes nothing then, neither the row nor
	// what belongs to it, and is counted in Result.Older; a check lists it in
	// Diff.Older, and it is no difference. The database compares, in the statement
	// that writes. An equal version is written, since a time may be of whole
	// seconds, and so is a row whose version is null: set it to null to take the
	// remote's word again, as after the remote went back in time. A record without
	// a version can't be mapped: see Invalid. Removals have no version, and happen.
	// Defaults to none: the last write wins.
	Version string

	// Map sets the computed attributes of a row, whose other attributes are set
	// already. A T with a method MapRemote(remote.Object) error does without. It
	// may be called by several goroutines at once. Its error ends the run, or sets
	// the record aside: see Invalid.
	Map func(o remote.Object, row *T) error
	// MapVersion is to be changed when Map is, so that unchanged objects are
	// mapped again by the next run that sees them.
	MapVersion int

	// Invalid is what becomes of a record that can't be mapped: one with an
	// attribute that does not fit its field, or that breaks a rule of a validate
	// tag, or for which Map fails. Fail, the default, fails the run; Quarantine
	// sets the record aside and goes on. A record without a readable id fails the
	// run in any case. In an association, the child model's Invalid counts for the
	// nested records.
	Invalid Invalid
	// QuarantineLimit is the largest share that a run may set aside of the records
	// it has seen so far, once it has seen more than 20; past it the run fails with
	// ErrTooManyInvalid. Defaults to 0.1; 1 sets no limit.
	QuarantineLimit float64

	// OnChange is called with the changes of each page, and of the removals, in
	// the transaction that makes them; its error rolls them back. It is not called
	// when nothing changed. postgres.Tx and sqlite.Tx give the transaction in the
	// driver's own type.
	OnChange func(ctx context.Context, tx store.Tx, changes []Change[T]) error

	// Outbox appends each change to the table synced_changes, in the transaction
	// that makes it; [Changes] reads them. Defaults to false.
	Outbox bool

	// Log receives the story of each run at level Debug. Defaults to none.
	Log *slog.Logger
}

// Data is the type of the field that keeps the whole remote object.
type Data = mapper.Data

// Commit says what a transaction of a run holds.
type Commit int

const (
	// PerPage commits each page when it has arrived; what is committed stays,
	// whatever becomes of the run.
	PerPage Commit = iota + 1
	// Atomic receives every page first, compressed in memory and past 2 MiB in a
	// temporary file, and commits all of them at once, or nothing.
	Atomic
)
