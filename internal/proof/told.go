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

// Refused returns why the rows may not be removed yet, or "" when they may. A remote may
// delete everything by mistake, or name ids of something else. That is no more to be
// believed than an empty list.
func (t Told) Refused() string {
	if t.Allowed || t.Rows <= FewTold || float64(t.Rows) <= t.Limit*float64(t.Of) {
		return ""
	}
	return fmt.Sprintf("the remote says it deleted %d of %s, more than %.0f %%: if that is true, approve the removal or raise its Limit",
		t.Rows, plural.Of(t.Of, "row"), 100*t.Limit)
}
