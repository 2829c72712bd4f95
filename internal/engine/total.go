package engine

import (
	"errors"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/plural"
	"github.com/syncedgo/synced/report"
)

// total is what came of many parents together.
type total struct {
	report.Result
	err error // of the first that failed
	// complete reports whether each parent was asked for everything, and proved it.
	complete bool
	// listed reports whether a parent has listed everything, and empty is how many listed
	// nothing although they have rows.
	listed bool
	empty  int
}

// add adds what the run of one parent did.
func (t *total) add(r *run, changes int) {
	one := &r.result
	t.Parents.Asked++
	t.Counts.Add(one.Counts)
	for table, counts := range one.Children {
		if t.Children == nil {
			t.Children = map[string]report.Counts{}
		}
		sum := t.Children[table]
		sum.Add(counts)
		t.Children[table] = sum
	}
	if room := changes - len(t.Changes); room > 0 {
		t.Changes = append(t.Changes, one.Changes[:min(room, len(one.Changes))]...)
	}
	t.cost(one)
	t.Tombstones += one.Tombstones
	t.Resumed = t.Resumed || one.Resumed
	t.NotDeleted = append(t.NotDeleted, one.NotDeleted...)
	if t.NotStored == "" && one.NotStored != "" {
		t.NotStored = r.m.ScopeName(r.call.Scope) + ": " + one.NotStored
	}
	if one.ListedNothing {
		t.empty++
		t.ListedNothing = true
	}
	t.refuse(r.m.ScopeName(r.call.Scope), one.Refused)
	switch {
	case r.kind == given, one.Stopped != "": // it goes on
	case r.kind != complete, one.NotStored != "", one.Refused != nil:
		t.complete = false
	case !r.listing.NotModified():
		t.unknown(one)
	}
}

// cost adds what a run received.
func (t *total) cost(one *report.Result) {
	t.Records += one.Records
	t.Pages += one.Pages
	t.Requests += one.Requests
	t.Bytes += one.Bytes
}

// unknown keeps the attributes that no record of any parent has.
func (t *total) unknown(one *report.Result) {
	switch {
	case one.Records == 0:
	case !t.listed:
		t.listed, t.Unknown = true, one.Unknown
	default:
		t.Unknown = slices.DeleteFunc(t.Unknown, func(name string) bool { return !slices.Contains(one.Unknown, name) })
	}
}

// refuse adds a removal that was refused. Each parent's is approved by itself.
func (t *total) refuse(parent string, refused *report.Refusal) {
	switch {
	case refused == nil:
	case t.Refused == nil:
		t.Refused = &report.Refusal{Rows: refused.Rows, Of: refused.Of, Reason: parent + ": " + refused.Reason}
	default:
		t.Refused.Rows += refused.Rows
		t.Refused.Of += refused.Of
	}
}

// failed takes note of a parent that failed.
func (t *total) failed(err error) {
	t.Parents.Failed++
	t.complete = false
	if t.err == nil {
		t.err = err
	}
}

// failure is the error of a run of which some parents failed.
func (t *total) failure(stop error) error {
	if t.err == nil {
		return nil
	}
	first := t.err
	if stop != nil {
		first = stop
	}
	path := "the first"
	if where, ok := errors.AsType[*report.Error](first); ok {
		path, first = path+", "+where.Scope, where.Err
	}
	if stop != nil {
		return fmt.Errorf("asked %s, and the others would fail as %s, did: %w", plural.Of(t.Parents.Asked, "parent"), path, first)
	}
	return fmt.Errorf("%d of %s failed; their rows stay, and the next run asks for them again; %s: %w", t.Parents.Failed, plural.Of(t.Parents.Asked, "parent"), path, first)
}

// into puts the total into the result of the run of all parents.
func (t *total) into(r *report.Result) {
	r.Counts, r.Children, r.Changes, r.Parents = t.Counts, t.Children, t.Changes, t.Parents
	r.Records, r.Pages, r.Bytes = t.Records, t.Pages, t.Bytes
	r.Requests += t.Requests
	r.Unknown, r.Tombstones, r.Resumed, r.ListedNothing = t.Unknown, t.Tombstones, t.Resumed, t.ListedNothing
	r.Stopped = t.Stopped
	r.NotDeleted, r.NotStored, r.Refused = t.NotDeleted, t.NotStored, t.Refused
}
