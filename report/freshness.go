package report

import (
	"strings"
	"time"

	"github.com/syncedgo/synced/internal/plural"
)

// ScopeFreshness is how the runs of one scope of one model went.
type ScopeFreshness struct {
	// Model is the model's table, and Scope the scope's key as text; "" for a model
	// without scopes.
	Model, Scope string
	Freshness
	// Quarantined is how many records of it are in quarantine, and Refused how many rows
	// wait for a refused removal to be approved; those of its parents included where the
	// model is listed for each.
	Quarantined, Refused int
}

// Freshness is how the runs of a model and scope went, by this machine's clock. A
// zero time means never. Checks and dry runs do not count.
type Freshness struct {
	// LastAttempt is when the last run began.
	LastAttempt time.Time
	// LastSuccess is when the last run began that ended well: the rows are at least
	// that fresh. Runs of given records, and those whose call has a Query, tell
	// nothing about the other rows and do not count.
	LastSuccess time.Time
	// LastComplete is the same of the last run that proved what the remote has, and
	// what it lacks.
	LastComplete time.Time
	// Unfinished reports whether the last run is under way, or was killed.
	Unfinished bool
	// UnfinishedPass is when a pass began that was interrupted or stopped, and that the
	// next run like it resumes.
	UnfinishedPass time.Time
	// NotBefore is when the remote may be asked again, if it ended the last run by
	// saying so.
	NotBefore time.Time
	// Error is why the last run that ended failed, in one line; empty if it did not.
	Error string
}

// String is the freshness in one line: "in step as of 2026-03-01T12:00:00Z; complete as of
// 2026-03-01T00:00:00Z; the last run, at 2026-03-01T12:05:00Z, failed: …".
func (f Freshness) String() string {
	parts := []string{asOf("in step", f.LastSuccess), asOf("complete", f.LastComplete)}
	if f.Error != "" {
		parts = append(parts, "the last run, at "+text(f.LastAttempt)+", failed: "+f.Error)
	}
	if f.Unfinished {
		parts = append(parts, "the run that began at "+text(f.LastAttempt)+" is under way, or was killed")
	}
	if !f.UnfinishedPass.IsZero() {
		parts = append(parts, "the next run resumes a pass of "+text(f.UnfinishedPass))
	}
	if !f.NotBefore.IsZero() {
		parts = append(parts, "the remote may be asked again at "+text(f.NotBefore))
	}
	return strings.Join(parts, "; ")
}

// String is the freshness in one line, after the model and the scope.
func (s ScopeFreshness) String() string {
	line := s.Model
	if s.Scope != "" {
		line += " (" + s.Scope + ")"
	}
	line += ": " + s.Freshness.String()
	if s.Quarantined > 0 {
		line += "; " + plural.Of(s.Quarantined, "record") + " in quarantine"
	}
	if s.Refused > 0 {
		line += "; the removal of " + plural.Of(s.Refused, "row") + " waits for approval"
	}
	return line
}

// asOf says since when something is so.
func asOf(what string, t time.Time) string {
	if t.IsZero() {
		return "never " + what
	}
	return what + " as of " + text(t)
}

func text(t time.Time) string { return t.UTC().Format(time.RFC3339) }
