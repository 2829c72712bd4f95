package proof

import (
	"fmt"

	"github.com/syncedgo/synced/internal/plural"
)

// Told is what a remote says itself that it deleted, by tombstones, events or lists of ids.
type Told struct {
	// Rows are how many of a scope's Of rows are told to be gone.
	Rows, Of int
	// Limit is the largest share of the scope that may go.
	Limit float64
	// Allowed lifts the guard.
	Allowed bool
}

// FewTold is how many rows go in any case.
const FewTold = smallRemoval

// Refused returns why the rows may not be removed yet: a remote whose tool deletes
// everything by mistake, or that names ids of something else, means what it says no more
// than one that lists nothing. It is "" when they may.
func (t Told) Refused() string {
	if t.Allowed || t.Rows <= FewTold || float64(t.Rows) <= t.Limit*float64(t.Of) {
		return ""
	}
	return fmt.Sprintf("the remote says that it deleted %d of %s, more than %.0f %%: where that is so, approve the removal, or raise its Limit",
		t.Rows, plural.Of(t.Of, "row"), 100*t.Limit)
}
