// Package report has what runs return: results, differences, refused removals, and
// errors that tell where in a run they come from. The root package has aliases of
// most of it.
package report

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/syncedgo/synced/internal/plural"
	"github.com/syncedgo/synced/internal/shown"
)

// Result is what a run did. It is valid even if the run failed: it counts what was
// committed.
type Result struct {
	Counts
	// Children counts the rows of associated models, by their tables, and the
	// translations that were created or updated, by theirs.
	Children map[string]Counts

	// Changes lists rows that changed, as many as Call.Changes asks for, in the order in
	// which they were written.
	Changes []ChangedRow

	// Records were received, on Pages pages, in Requests requests with Bytes bytes
	// of answers.
	Records, Pages, Requests int
	Bytes                    int64
	Duration                 time.Duration

	// Since is the time that the run asked from. Zero asked for everything.
	Since time.Time
	// Complete says why the run asked for everything although there was a time to
	// ask from. Empty otherwise.
	Complete string
	// NotModified reports whether the remote's list is as it was when a complete run
	// had written all of it. Then nothing was received, and no row looked at.
	NotModified bool
	// StoredTime is what the next run asks from, less its tolerance, and
	// TimeSource where it came from. Zero when the run stored none.
	StoredTime time.Time
	TimeSource string
	// StoredPosition reports whether the run stored the position that the remote gave,
	// which the next run asks from. See strategy.Position.
	StoredPosition bool
	// NotStored says why the run stored no time, or no position, although it ended well:
	// the list may have hidden a record while it was read, so the next run asks again.
	NotStored string

	// Parents counts the parents of a model that is listed once for each. Zero elsewhere.
	Parents Parents

	// Resumed reports whether the run resumed a pass that had been interrupted. The
	// counts are of this run alone.
	Resumed bool
	// Stopped says how the next run goes on, where Call.Stop ended this one before the list
	// ended: at the page that follows, or from the beginning. Such a run removes nothing for
	// being absent and stores no time. Empty otherwise.
	Stopped string
	// ListedNothing reports whether a complete pass listed no record although the
	// scope has rows, as with bad credentials or another default filter.
	ListedNothing bool
	// Unknown lists the attributes that the model reads and no record of the run had:
	// misspelled in a tag, or no longer sent, so that their columns stay empty. Those of
	// nested records come after the association's: "photos.title". The run logs them
	// once, at level Warn. Empty after a run that did not list all records, or none.
	Unknown []string
	// Tombstones is how many records were listed as deleted: their rows are removed as
	// declared, and none is written.
	Tombstones int
	// Gone reports whether the remote lacks the record that SyncOne asked for, or calls
	// it deleted.
	Gone bool
	// Refused says why rows that the remote did not list were not removed. Nil
	// when nothing was refused.
	Refused *Refusal
	// NotDeleted are rows that stay although their records are gone: foreign keys of other
	// tables point to them (see Destroy), or the database skips the statement.
	NotDeleted []NotDeleted
	// Diff is what a run of the check strategy found, or what a dry run would have
	// done.
	Diff *Diff
}

// Parents are the parents of a run whose model is listed once for each.
type Parents struct {
	// Asked is how many lists were asked for, and Skipped how many were not, because
	// nothing made them due.
	Asked, Skipped int
	// Failed is how many of those asked for failed: the next run asks for them again.
	Failed int
	// Gone is how many parents are no longer there: their rows went, or the remote no
	// longer has their lists.
	Gone int
}

func (p Parents) String() string {
	s := fmt.Sprintf("%d asked, %d skipped", p.Asked, p.Skipped)
	if p.Failed > 0 {
		s += fmt.Sprintf(", %d failed", p.Failed)
	}
	if p.Gone > 0 {
		s += fmt.Sprintf(", %d gone", p.Gone)
	}
	return s
}

// Counts are rows by what became of them. A record that the remote listed twice
// counts once.
type Counts struct {
	Created, Updated, Unchanged, Removed, Restored int
	// Quarantined records could not be mapped and are in quarantine. A row that they
	// have stays as it was.
	Quarantined int
	// Older records were not written, because their rows have a newer version: see
	// Synced.Version.
	Older int
}

// Add adds other counts, to total those of several runs.
func (c *Counts) Add(other Counts) {
	c.Created += other.Created
	c.Updated += other.Updated
	c.Unchanged += other.Unchanged
	c.Removed += other.Removed
	c.Restored += other.Restored
	c.Quarantined += other.Quarantined
	c.Older += other.Older
}

func (c Counts) String() string {
	s := fmt.Sprintf("%d created, %d updated, %d unchanged, %d removed, %d restored", c.Created, c.Updated, c.Unchanged, c.Removed, c.Restored)
	if c.Quarantined > 0 {
		s += fmt.Sprintf(", %d quarantined", c.Quarantined)
	}
	if c.Older > 0 {
		s += fmt.Sprintf(", %d older", c.Older)
	}
	return s
}

// Refusal is why rows were not removed: it was not proven that they are gone, or
// they were too many. The rest of the run stands.
type Refusal struct {
	// Rows would have been removed, of Of in the scope.
	Rows, Of int
	Reason   string
	// Plan is what Handle.ApproveRemoval takes to remove these rows after all. Empty
	// after a dry run, and after an Apply, where Call.AllowRemoval does.
	Plan string
}

func (r *Refusal) String() string {
	return shown.Text(fmt.Sprintf("%d of %s not removed: %s", r.Rows, plural.Of(r.Of, "row"), r.Reason))
}

// String is the result in one line.
func (r Result) String() string {
	s := r.Counts.String()
	if r.Diff != nil {
		s = r.Diff.Summary()
	}
	for _, table := range slices.Sorted(maps.Keys(r.Children)) {
		s += "; " + table + ": " + r.Children[table].String()
	}
	s += fmt.Sprintf(" (%s, %s, %s)", plural.Of(r.Requests, "request"), plural.Of(r.Bytes, "byte"), r.Duration.Round(time.Millisecond))
	if r.Parents != (Parents{}) {
		s += "; parents: " + r.Parents.String()
	}
	if r.Complete != "" {
		s += "; everything was asked for: " + r.Complete
	}
	if r.NotModified {
		s += "; not modified"
	}
	if r.NotStored != "" {
		s += "; nothing stored to ask from: " + r.NotStored
	}
	if r.Resumed {
		s += "; resumed"
	}
	if r.Stopped != "" {
		s += "; stopped: " + r.Stopped
	}
	if r.ListedNothing {
		s += "; the remote listed nothing, and there are rows: check the credentials"
	}
	if r.Gone {
		s += "; gone remotely"
	}
	if r.Refused != nil {
		s += "; " + r.Refused.String()
	}
	for _, stay := range r.NotDeleted {
		s += "; " + stay.String()
	}
	return shown.Text(s)
}

// RefusedRemoval is a removal that was refused, as it waits to be approved.
type RefusedRemoval struct {
	// Scope is the key of its scope, as text; "" for a model without scopes.
	Scope string
	Refusal
	// IDs are the remote ids of the rows. Those that a run has listed since are not
	// among them.
	IDs []string
	At  time.Time
}
