package peer

import (
	"context"
	"time"

	"github.com/syncedgo/synced/journal"
)

// Conflict is a row that was changed on both sides, each without knowing of the other, or a change
// that other rows are in the way of: Reason tells.
type Conflict struct {
	// ID names the conflict.
	ID string
	// Model is the row's, by its table. Key is its key here, empty where it was never here.
	Model string
	Key   journal.Key
	// Peer is the GUID of the other side.
	Peer string
	// Reason says what can't be, for a person.
	Reason string
	// Ours and Theirs are the row on both sides, nil where it is deleted, and Base as it was
	// before, nil where that is not known or there was none. They have the exchanged columns,
	// with keys of this database.
	Base, Ours, Theirs journal.Row
	// OursVersion and TheirsVersion are the versions of the two. Ours is zero where the row
	// was never here.
	OursVersion, TheirsVersion journal.Version
	// Undecided reports whether the other side decides.
	Undecided bool
	// At is when the conflict was found.
	At time.Time
}

// Decision is what becomes of a row.
type Decision struct {
	take take
	row  journal.Row
}

type take int

const (
	takeNone take = iota
	takeOurs
	takeTheirs
	takeRow
)

// The decisions that need nothing else.
var (
	// Ours leaves the row as it is here, and the other side gets it.
	Ours = Decision{take: takeOurs}
	// Theirs takes the row as the other side has it.
	Theirs = Decision{take: takeTheirs}
	// Wait keeps both until a person has decided, see [Peer.Resolve].
	Wait = Decision{}
)

// Row takes a row of somebody's making. Columns that it does not have stay as they are here, or
// as the other side has them where the row is not here.
func Row(row journal.Row) Decision { return Decision{take: takeRow, row: row} }

// Policy decides what becomes of a row that was changed on both sides. It is called in the
// transaction that applies the other side's changes, and reads nothing but the conflict.
type Policy func(ctx context.Context, c Conflict) (Decision, error)

// Keep decides nothing: both are kept for a person.
func Keep(context.Context, Conflict) (Decision, error) { return Wait, nil }

// RemoteWins takes what the other side has.
func RemoteWins(context.Context, Conflict) (Decision, error) { return Theirs, nil }

// LocalWins leaves what is here.
func LocalWins(context.Context, Conflict) (Decision, error) { return Ours, nil }

// Newest takes the later version. Versions go by a hybrid logical clock: a change is later
// than those that it was made on, whatever the clocks of the installations say.
func Newest(_ context.Context, c Conflict) (Decision, error) {
	if c.TheirsVersion.Compare(c.OursVersion) > 0 {
		return Theirs, nil
	}
	return Ours, nil
}

// MergeColumns takes from each side the columns that it changed. Where both changed one, to
// different values, or one side deleted the row, otherwise decides.
func MergeColumns(otherwise Policy) Policy {
	return func(ctx context.Context, c Conflict) (Decision, error) {
		merged, ok := merge(c)
		if ok {
			return Row(merged), nil
		}
		if otherwise == nil {
			otherwise = Keep
		}
		return otherwise(ctx, c)
	}
}

// merge merges the columns of both sides, and reports whether it can.
func merge(c Conflict) (journal.Row, bool) {
	if c.Base == nil || c.Ours == nil || c.Theirs == nil {
		return nil, false
	}
	merged := journal.Row{}
	for column, ours := range c.Ours {
		theirs, sent := c.Theirs[column]
		base, known := c.Base[column]
		switch {
		case !sent || same(ours, theirs):
			merged[column] = ours
		case !known:
			return nil, false
		case same(ours, base):
			merged[column] = theirs
		case same(theirs, base):
			merged[column] = ours
		default:
			return nil, false
		}
	}
	return merged, true
}

// verdict is what to do with a change.
type verdict int

const (
	apply   verdict = iota // it follows what is here
	already                // it is here
	clash                  // something else happened to the row here
)

// judge tells whether a change follows the version that a row has here. Known reports whether
// the row has one, and exists whether it is there.
func judge(op string, version journal.Version, bases []journal.Version, current journal.Version, known, exists bool) verdict {
	switch {
	case op == forget && exists:
		return apply // whatever was done to it here: that goes to the peer, too
	case known && current == version:
		return already
	case !known && !exists:
		// It never was here, or is not seen from here any more.
		if op == remove || op == forget {
			return already
		}
		return apply
	case !known: // from before the journal
		if op == create || len(bases) > 0 && bases[0].Time != 1 {
			return clash
		}
		return apply
	case len(bases) == 0 && op != create && current.Time == 1:
		return apply // the peer has it from before its journal
	}
	for _, base := range bases {
		if base == current {
			return apply
		}
	}
	return clash
}
