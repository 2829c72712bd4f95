package synced

import (
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/declare"
)

// Commit is what a transaction of a run holds: [PerPage] or [Atomic].
type Commit interface{ commit() declare.Commit }

// PerPage commits each page when it has arrived. What is committed stays, whatever
// becomes of the run. Small pages that arrived while another was written are committed
// together, up to 500 records and 1 MiB of objects, where the model has no OnChange, parents,
// associations or translations, and records come whole. No page waits for another.
type PerPage struct {
	// Checkpoint is how often a run notes its position, so that the next one resumes
	// there after it was killed or failed. Resuming needs an API whose pages stay put:
	// see remote.Page.Cursor. Defaults to 2 seconds; negative is never.
	Checkpoint time.Duration
}

// Atomic receives every page first, compressed in memory and past 2 MiB in a
// temporary file, and commits all of them at once, or nothing.
type Atomic struct{}

var (
	_ Commit = PerPage{}
	_ Commit = Atomic{}
)

func (p PerPage) commit() declare.Commit { return declare.Commit{Checkpoint: p.Checkpoint} }
func (Atomic) commit() declare.Commit    { return declare.Commit{Atomic: true} }

// commitOf returns the settings of a choice, nil where none was made.
func commitOf(c Commit) *declare.Commit {
	if declare.IsNil(c) {
		return nil
	}
	settings := c.commit()
	return &settings
}

// nilChoice returns an error for a choice that is a nil pointer: it has no settings.
func nilChoice(choices ...any) error {
	for _, c := range choices {
		if c != nil && declare.IsNil(c) {
			return fmt.Errorf("a choice is a nil %T: use it as a value, or leave it out", c)
		}
	}
	return nil
}
