package remote

import (
	"time"

	"github.com/syncedgo/synced/internal/recycle"
)

// Page is one answer of the remote.
type Page struct {
	// Number counts the pages of a run from 1.
	Number int
	// Objects are the records, in the remote's order.
	Objects []Object
	// DeletedIDs are the ids, as JSON values, that the remote says it deleted. Nil means
	// that the page does not tell, an empty list that there were none.
	DeletedIDs []Value
	// ChangedIDs are the ids, as JSON values, of records that changed and that are not
	// among the objects. Each is asked for by itself, so the API is a [Getter]. Nil where
	// the API does not tell changes so.
	ChangedIDs []Value
	// Events is how the page tells of records where its API tells, one event after the
	// other, what became of them.
	Events Events
	// SyncedAt is the remote's own clock when it made the page, which it tells for the
	// next UpdatedSince. Zero where it does not.
	SyncedAt time.Time
	// Date is the time of the response (the Date header over HTTP). Zero where
	// there is none.
	Date time.Time
	// Age is how long a cache has kept the answer before it gave it (the Age header over
	// HTTP), 0 where none has. Some caches write the Date themselves.
	Age time.Duration
	// Total is how many objects the remote says the whole list has, where
	// TotalKnown.
	Total      int
	TotalKnown bool
	// Validator, on the first page, stands for the state of the whole list: it
	// changes when anything in the list does. Empty where the API has no such thing.
	Validator string
	// NotModified reports whether the list is as it was when the API gave the request's
	// Validator. The page is then the only one, and has no objects.
	NotModified bool
	// More reports whether another page follows for certain, so that this one may be
	// written before it arrives. A page without it waits until the sequence continues
	// or ends, because the last rows of a run are written together with its time.
	More bool
	// Cursor, as Request.Cursor of a later run, continues after this page: a path and
	// a query, without credentials. Empty where there is no such promise: the position
	// in the list would not stay put, nothing comes after, or the query holds what
	// looks like a secret.
	Cursor string
	// Position is where the remote's changes stand: as Request.Position of a later run, it
	// asks for what changed since. That of the first page counts, which is from before the
	// list; where it has none, that of the last page. It has no credentials. Empty
	// where the API has no such thing. See strategy.Position.
	Position string
	// Shifting reports whether the list is cut in pages by position, so that a record
	// may be passed over when another goes while the list is read, or come twice. A
	// list of one page does not shift.
	Shifting bool
	// Partial is why the answer says of itself that it is not everything, in words for
	// a person; empty where it does not. Nothing is then removed for being absent, and
	// no time is stored.
	Partial string
	// Unended is why nothing tells that the list ends with this page, in words for a
	// person, with the setting that helps; empty where the end is known or another
	// page follows. What is absent is then asked for, or stays, and no time is stored.
	Unended string
	// Requests and Bytes are what the page cost: requests made, those repeated and
	// those made ahead in vain included, and bytes of bodies read.
	Requests int
	Bytes    int64

	memory // that the objects are pieces of
}

// Events is how a page tells of records by what became of them.
type Events int

const (
	// NoEvents is a list of records: each object is one of them, as it is.
	NoEvents Events = iota
	// EventsInOrder are events from the first to the last. A record may come several
	// times, as it became later, also after it was deleted: what comes last counts.
	EventsInOrder
	// LastEvents are the last events only: each record comes once, objects are whole, and
	// what was told of it before is left out.
	LastEvents
)

// memory hides what package recycle keeps on a page, and only it can reach.
type memory = recycle.Memory

var _ recycle.Lent = &new(Page).memory
