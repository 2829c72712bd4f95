package synced

import (
	"context"
	"log/slog"
	"reflect"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/declare"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/observe"
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
//   - `json:"name" db:"name" synced:"translated"`: [Translations], in their own
//     table
//   - `synced:"number"`: the attribute is a number, also where it is spelled as a string;
//     a string field keeps its digits as received
//   - `time:"unix"`, `time:"unixms"`, `time:"2006-01-02 15:04:05"`: how a time is spelled,
//     by default RFC 3339; of a time.Duration, what its number counts (`time:"seconds"`,
//     "milliseconds", "minutes" and so on), or `time:"duration"` for "1h30m"
//   - `zone:"Europe/Berlin"`: the zone of times that are spelled without one
//   - `validate:"required"`: a rule of go-playground/validator for the row
//
// A dot in a json tag is a step into an object: `json:"attributes.name"` reads the
// member name of the object attributes, unless the object has a member named
// "attributes.name", dot and all. So it is wherever a declaration names an attribute:
// in associations, in Volatile and in strategy.LargestValue. A null, or an empty list,
// in the place of the object leaves the field zero; another value is an error. What no
// record of a complete run has is in Result.Unknown.
//
// The field of the remote id has db:"synced_id", and a json tag unless ID or IDOf makes
// the id. A field of type [Data] keeps the whole remote object, and may be left out where
// nothing is delegated. The fields of embedded structs count as T's own.
type Synced[T any] struct {
	// Table is the model's table, "rentals" or "crm.rentals". It names the model
	// in errors, in logs and in the stored times.
	Table string
	// Endpoint is the remote collection. Defaults to Table, without its schema.
	Endpoint string
	// IDColumn is the column of the remote id. Defaults to synced_id.
	IDColumn string
	// ID are the attributes that together make the remote id, where no single one does:
	// []string{"group.id", "email"}. The field of IDColumn is then a string without a
	// json tag, and keeps the parts in their order with "/" between them: "7/ann@x.org".
	// In a part, "/" is written as %2F and "%" as %25. A part is a string or an integer,
	// and the digits of an integer are the same as a string; an empty string is a part,
	// null is none. SyncOne, Find and the remote's lists of deleted ids take the
	// id in this spelling, and a [remote.Getter] is asked for a record by it.
	// [Content] is for records without an id.
	// Defaults to the attribute in the json tag of that field.
	ID []string
	// IDOf makes the remote id of an object, where one record comes under several ids
	// or the id must be computed. The field of IDColumn then has no json tag. The id is
	// text, and the digits of an integer where the field is one. Several goroutines may
	// call it at once, and it must always return the same id for a record. An error or a
	// panic is that of a record without a readable id, which fails the run. SyncOne, Find
	// and the remote's lists of deleted ids take the id as IDOf returns it. Defaults to
	// none.
	IDOf func(o remote.Object) (string, error)
	// Scope is the column that ties a row to its scope, such as an account:
	// "account_id". Defaults to none: the whole table is the scope.
	Scope string

	// API lists the remote objects. APIFor gives each scope its own, with the
	// credentials of an account; a nil API from it falls back to API. A call's API
	// overrides both.
	API    remote.API
	APIFor func(ctx context.Context, scope Scope) (remote.API, error)

	// Ask holds what each request asks for beside the endpoint. AskFor gives each
	// scope its own; what is nil in it is as in Ask. Defaults to what the remote sends
	// unasked.
	Ask    Ask
	AskFor func(scope Scope) Ask

	// PerParent lists the model once for each row of another: [Each] makes it. Endpoint
	// is not used then. Defaults to one list.
	PerParent PerParent

	// Associations are models whose objects are nested in this one's: HasMany, HasOne
	// and Linked. Defaults to none.
	Associations []Association
	// BelongsTo are models that rows point to by a remote id in their objects.
	// Defaults to none.
	BelongsTo []Parent

	// Created and Touch are columns of times that the library sets beside the mapping, as an
	// ORM would: Created ("created_at") when a run creates a row, Touch ("updated_at") then
	// and whenever one changes, cancels or restores it; not when the row stays as it is.
	// They are columns of PostgreSQL's time types, or text in UTC on SQLite. Default to
	// none.
	Created, Touch string

	// TranslationTable is the table of the fields with synced:"translated".
	// Defaults to Table + "_translations".
	TranslationTable string
	// TranslationParent and TranslationLocale are the columns of that table for the local
	// key of a row and for a locale. Default to parent_id and locale. Created and Touch
	// are set there too, where it has such columns.
	TranslationParent, TranslationLocale string

	// Strategy is strategy.UpdatedSince, strategy.Position, strategy.Full or
	// strategy.Check.
	// Defaults to strategy.UpdatedSince{}, or to strategy.Full{} with [Content].
	Strategy strategy.Strategy
	// Timestamps is where the time of the last run is kept: timestamp.PerScope or
	// timestamp.PerRecord. Defaults to timestamp.PerScope{}.
	Timestamps timestamp.Strategy
	// Commit is what a transaction of a run holds: [PerPage] or [Atomic]. Defaults
	// to PerPage{}.
	Commit Commit

	// Remove is what happens to rows whose records are gone remotely: [KeepRows],
	// [Destroy], [Cancel], [CancelOrDestroy] or [RemoveBy]. Defaults to KeepRows{}.
	Remove Removal
	// Tombstone reports whether a listed object was deleted remotely: by its status,
	// or a deleted_at. With removal on, such a record is removed instead of written.
	Tombstone func(o remote.Object) bool

	// Partial reports whether the remote leaves attributes out of what it lists as
	// changed that did not change ({"id":1,"read":true}). An attribute that such an
	// object lacks keeps the value that the stored object has; null is a value. So T
	// must have a field of type [Data]. An attribute that is an object or a list is
	// replaced as a whole, and nested records that are left out stay.
	//
	// It holds in runs that ask for what changed, and for the Records of a call. The
	// objects of complete runs, checks and SyncOne are whole, and so are nested ones.
	// Where nothing is stored of a record, and an attribute is missing that T reads,
	// an API that is a [remote.Getter] is asked for the record; otherwise, or if it does
	// not come, the record is invalid (see Invalid).
	// Defaults to false: a missing attribute is empty.
	Partial bool

	// Expand is for a remote that lists only ids or summaries of records. It is how many of
	// them a run asks for at once, each by its own address, as SyncOne does: 8 is a good
	// number. The fingerprint of the summary is kept, so that a record is asked for when it
	// is new, when its summary changed, or when its row was edited here, and not otherwise.
	// So T must have a field of type [Data]. The API is a [remote.Getter], which must allow so
	// many calls at once; its limits hold for all of them.
	//
	// A record that does not come is invalid (see Invalid), and is asked for again by the next
	// run. One that is not found is gone, if another one is found by the same question. Each
	// 500 records of a page are a transaction, once they are here. The objects of SyncOne and
	// of a call's Records are whole, and so are nested ones.
	// Defaults to 0: the remote lists whole objects.
	Expand int

	// Volatile are paths of values that change without meaning ("meta.generated_at"):
	// they alone never make a row updated, and the stored object keeps the values
	// that it has. Defaults to none. The order of members, and the spelling of
	// numbers and strings, mean nothing anyway.
	Volatile []string

	// Redact says which members of the remote's objects are dropped, masked or hashed
	// before anything else sees them: mapping, stored objects, fingerprints, quarantine,
	// outbox, logs and errors. Of nested objects, what their own models redact is taken out
	// as well. Defaults to none.
	Redact []Redaction
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
	// a version is invalid (see Invalid). Removals go by no version.
	// Defaults to none: the last write wins.
	Version string

	// Zone is the zone of times that the remote spells without one, as PHP and SQL do:
	// "2026-01-02 15:04:05". A zone tag of a field comes first. Dates without a time of
	// day are days in UTC. Defaults to none: a time without a zone does not fit, unless
	// the field's time tag is a layout without one, which is then UTC.
	Zone *time.Location

	// Map sets the computed attributes of a row, whose other attributes are set
	// already. If T has a method MapRemote(remote.Object) error, Map is not needed.
	// Several goroutines may call it at once. Its error makes the record invalid.
	Map func(o remote.Object, row *T) error
	// MapVersion is a number of your choice. Change it whenever Map changes, so that
	// the next run that sees an unchanged object maps it again.
	MapVersion int

	// Invalid is what becomes of a record that can't be mapped: [Fail] or
	// [Quarantine]. Such a record has an attribute that does not fit its field, or
	// breaks a rule of a validate tag, or Map fails for it. A record without a
	// readable id fails the run in any case. In an association, the child model's
	// Invalid counts for the nested records. Defaults to Fail{}.
	Invalid WhenInvalid

	// OnChange is called with the changes of each page, and of the removals, in
	// the page's own transaction that makes them; its error rolls them back. It is not called
	// when nothing changed. postgres.Tx, postgres.SQLTx and sqlite.Tx give the transaction
	// in the driver's own type: use no other connection, which may wait for this one. Where PostgreSQL gives the transaction up (a deadlock, a
	// serialization failure), it is called again with the same changes: leave what
	// can't be rolled back to the Outbox.
	OnChange func(ctx context.Context, tx store.Tx, changes []Change[T]) error

	// Outbox appends each change to the table synced_changes, in the transaction
	// that makes it; outbox.Changes reads them. Defaults to false.
	Outbox bool

	// Log has a line for each run: at level Error for one that failed, or Warn where a
	// later run is all that is needed (canceled, another is under way, the remote says
	// to wait); at Info for one that changed something, Warn if it refused a removal,
	// and at Debug for one that did not. The attributes are model, scope, strategy,
	// error and result, a group of counts. Warn also tells what should be looked into:
	// Result.Unknown, Result.NotDeleted, and once in a process, a table without its guard
	// trigger, or one that two models keep. Defaults to none.
	Log *slog.Logger
	// Observer is told what runs do while they do it: pages, requests, writes, refused
	// removals. See package observe, which also has observers of single calls, or of all
	// that a service does, by context. Defaults to none.
	Observer observe.Observer
}

// Content, as ID, is for records without any id: the whole content of a record is its id,
// as a hash of 32 hexadecimal digits. The field of IDColumn is a string without a json tag.
//
// A record that changes at all is another one: its row goes, as Remove says, and a row with
// another local key comes. The order of members and the spelling of numbers and strings mean
// nothing, nor do Volatile values; Redact comes first. Each of several equal records has its
// own row: the second one's id ends with "/2". Objects that are nested in others need the column
// of their parent's key as their Scope, and where parents share them ([Linked]), equal ones
// are one row.
//
// Only strategy.Full and strategy.Check can be used: from a list of what changed, nobody can
// tell which rows are old. No remote can be asked for one record: SyncOne is an error, and
// rows that a complete list lacks are removed without it.
var Content = []string{plan.Content}

// Data is the type of the field that keeps the whole remote object.
type Data = mapper.Data

// Translations is a text in several languages, by locale.
//
// A field of this type with `json:"headline" db:"headline"` is a JSON column. With
// `synced:"translated"` beside them, its texts are rows of another table,
// <table>_translations: one row per row of the model and locale, with the columns
// parent_id (the local key of the row), locale, and one for each translated field,
// named by its db tag. A locale that the remote drops stays there as null.
//
// Such a table belongs to the runs: each run writes what differs from the objects
// that it lists, also where nothing else of a row changed. [Model.Find] and
// [Model.All] fill the fields from it, with a nil for a text that is null there.
// Changes have them too, but changing only translations is not a change of the row.
type Translations = mapper.Translations

// erase returns the declaration without T. Only what takes a row knows its type.
func (s Synced[T]) erase() declare.Declaration {
	d := declare.Declaration{
		Row:   reflect.TypeFor[T](),
		Table: s.Table, Endpoint: s.Endpoint, IDColumn: s.IDColumn, ID: s.ID, IDOf: s.IDOf, Scope: s.Scope,
		API: s.API, Ask: declare.Ask(s.Ask), TranslationTable: s.TranslationTable,
		Strategy: s.Strategy, Timestamps: s.Timestamps, Tombstone: s.Tombstone, Partial: s.Partial, Expand: s.Expand,
		Volatile: s.Volatile, Version: s.Version, Zone: s.Zone, MapVersion: s.MapVersion, Outbox: s.Outbox, Log: s.Log, Observer: s.Observer,
		Touch: s.Touch, Created: s.Created, Redact: redactions(s.Redact),
		TranslationParent: s.TranslationParent, TranslationLocale: s.TranslationLocale,
	}
	d.Each = s.PerParent.each
	d.Associations, d.BelongsTo = associations(s.Associations), parents(s.BelongsTo)
	d.APIFor, d.AskFor = apiFor(s.APIFor), askFor(s.AskFor)
	d.Commit, d.Remove, d.Quarantine = commitOf(s.Commit), removalOf(s.Remove), quarantineOf(s.Invalid)
	d.Err = nilChoice(s.Commit, s.Remove, s.Invalid)
	if s.Map != nil {
		d.Map = func(o remote.Object, row any) error { return s.Map(o, row.(*T)) }
	}
	if s.OnChange != nil {
		d.OnChange = func(ctx context.Context, tx backend.Tx, changes []model.Change) error {
			return backend.Handle(ctx, tx, func(ctx context.Context, own store.Tx) error {
				return s.OnChange(ctx, own, typed[T](changes))
			})
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
