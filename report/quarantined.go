package report

import (
	"time"

	"github.com/syncedgo/synced/remote"
)

// Quarantined is a record that could not be mapped, and waits until it can be
// mapped.
type Quarantined struct {
	// Scope is the key of its scope, as text; "" for a model without scopes.
	Scope string
	// ID is the remote id, and Object the record as it was received.
	ID     string
	Object remote.Object
	// Error is why the last attempt to map it failed: attribute, rule and value.
	Error string
	// Attempts is how many runs tried, First and Last when.
	Attempts    int
	First, Last time.Time
}
