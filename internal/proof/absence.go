package proof

import (
	"fmt"

	"github.com/syncedgo/synced/internal/plural"
)

// Absence is what a pass that ended says of rows whose records it did not list.
type Absence struct {
	// List is the evidence of the pass, and Listed how many records it listed.
	List   *List
	Listed int
	// Rows are how many of a scope's Of rows were not listed.
	Rows, Of int
	// Limit is the largest share of the scope that may go.
	Limit float64
	// Given reports whether the caller gave the records: there is no remote to doubt.
	Given bool
	// Always reports whether each record is asked for by declaration.
	Always bool
	// Allowed lifts the guards.
	Allowed bool
}

// Small removals are never too many for their share of a small scope.
const (
	smallScope   = 100
	smallRemoval = 20
)

// ListedNothing is why nothing may be concluded from a list without a record.
const ListedNothing = "the remote listed nothing at all"

// Refused returns why the rows may not be removed, whatever the remote says of each of
// them; "" when they may, once those that must be asked for were.
func (a Absence) Refused() string {
	if a.Given || a.Allowed || a.Rows == 0 {
		return ""
	}
	switch lacks := a.List.lacks(a.Listed); {
	case lacks != "":
		return lacks
	case a.Listed == 0:
		return ListedNothing
	case a.Of <= smallScope && a.Rows <= smallRemoval:
		return ""
	case float64(a.Rows) > a.Limit*float64(a.Of):
		return fmt.Sprintf("more than %.0f %% of the scope: where their records are gone, approve the removal, or raise its Limit", 100*a.Limit)
	default:
		return ""
	}
}

// MustAsk returns why each record must be asked for before its row is removed, whatever
// is declared; "" where the list proves enough by itself.
func (a Absence) MustAsk() string {
	if a.Given || a.Allowed {
		return ""
	}
	return a.List.MustAsk()
}

// Unasked is the doubt that remains of rows whose records should have been asked for and
// were not; "" where the list proves enough.
func (a Absence) Unasked() string {
	if a.Rows == 0 || a.Allowed || !a.ShouldAsk() {
		return ""
	}
	return fmt.Sprintf("the remote did not list the records of %s, and its list alone proves too little: make the diff by a dry run, which asks for each", plural.Of(a.Rows, "row"))
}

// ShouldAsk reports whether each record is asked for before its row is removed, where
// the API can be asked: that is declared, or the list may have hidden one, or it came on
// one page or ended with an empty one, which is what an API shows to those who may not
// see the rest.
func (a Absence) ShouldAsk() bool {
	return !a.Given && (a.Always || a.List.Shifting || a.List.Single || a.List.Emptied || a.MustAsk() != "")
}
