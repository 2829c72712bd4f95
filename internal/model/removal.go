package model

import (
	"context"

	"github.com/syncedgo/synced/internal/backend"
)

// Removal is what happens to the rows of records that were deleted remotely.
type Removal struct {
	Kind RemovalKind
	// Column is the one that canceling sets.
	Column string
	// Referenced is what happens instead of deleting to a row that a foreign key of
	// another table points to: it stays, or is canceled.
	Referenced RemovalKind
	// Func removes rows, pointers to the model's type, in the transaction.
	Func func(ctx context.Context, tx backend.Tx, rows []any) error
	// Limit is the largest share of a scope that a run may remove.
	Limit float64
	// Verify says which absent records are asked for before they are removed.
	Verify Verify
}

// Rests reports whether canceled rows are removed already.
func (r Removal) Rests() bool { return r.Kind == Cancel || r.Referenced == Cancel }

// RemovalKind is a way to remove rows.
type RemovalKind int

// The ways to remove rows. Undecided leaves it to the declaration, and in a
// declaration keeps them.
const (
	Undecided RemovalKind = iota
	Keep
	CancelOrDestroy
	Destroy
	Cancel
	Custom
)

// On reports whether rows are removed at all.
func (r Removal) On() bool { return r.Kind > Keep }

// Verify says which absent records are asked for before their rows are removed.
type Verify int

// Which absent records are asked for. Undecided in a call leaves it to the
// declaration.
const (
	VerifyUndecided Verify = iota
	// VerifyShifting asks where the list's pages are cut by position, and may have
	// hidden a record.
	VerifyShifting
	VerifyAlways
	VerifyNever
)
