// Package proof decides what a run may believe of a remote. It is told what each
// page and each answer was, and answers three questions with a reason that a person
// understands: is this pass complete, may its time be stored, is this record gone?
// It knows no HTTP, no SQL and no model.
package proof

import (
	"cmp"
	"fmt"

	"github.com/syncedgo/synced/internal/plural"
)

// Page is what a page of a list says of the whole list.
type Page struct {
	// Total is how many records the remote says the list has, where TotalKnown.
	Total      int
	TotalKnown bool
	// Records is how many records the page lists, and More whether another page follows.
	Records int
	More    bool
	// Shifting reports whether the list is cut by position, so that what others do to
	// it may hide a record.
	Shifting bool
	// Empty reports whether the page has no records.
	Empty bool
	// Partial is how the answer calls itself incomplete, or "".
	Partial string
	// Unended is why nothing tells that the list ends with this page, or "".
	Unended string
}

// Announced is what the pages of a list said of how many records it has.
type Announced struct {
	First   int  `json:"first_total"`
	Last    int  `json:"last_total"`
	Totals  bool `json:"totals"`          // a total was told
	Differs bool `json:"differs"`         // another one than at first
	Shrank  bool `json:"shrank,omitzero"` // a smaller one than before
	Told    bool `json:"told,omitzero"`   // a total was not the number of records on its page
}

// List is the evidence of one list, page by page. It can be kept and taken up again
// as it is.
type List struct {
	Announced
	Shifting bool   `json:"shifting,omitzero"` // a page was cut by position
	Shifted  string `json:"shifted,omitzero"`  // a record that came on two pages
	Twin     string `json:"twin,omitzero"`     // a record that came on two pages, or another that is equal
	Partial  string `json:"partial,omitzero"`  // why an answer was not everything
	Unended  string `json:"unended,omitzero"`  // why the last page may not be the last
	Filtered bool   `json:"-"`                 // the request may leave out records that exist
	Withheld string `json:"-"`                 // why rows that were not listed were not removed
	Reset    bool   `json:"-"`                 // the scope was reset while the list was read
	Single   bool   `json:"single,omitzero"`   // all came on one page
	Begun    bool   `json:"begun,omitzero"`    // a page came
	Emptied  bool   `json:"emptied,omitzero"`  // the last page was empty
}

// Page takes note of a page.
func (l *List) Page(p Page) {
	l.Single, l.Begun = !l.Begun, true
	l.Shifting = l.Shifting || p.Shifting
	if l.Partial == "" {
		l.Partial = p.Partial
	}
	l.Emptied = p.Empty
	l.Unended = p.Unended // another page may have ended what this one did not
	if !p.TotalKnown {
		return
	}
	// Totals that count the page say nothing of the list.
	own := p.Records > 0 && p.Total == p.Records
	l.Told = l.Told || !own
	if own && !l.Told && (p.More || !l.Single) {
		l.Totals = false
		return
	}
	l.Shrank = l.Shrank || l.Totals && p.Total < l.Last
	l.Differs = l.Differs || l.Totals && p.Total != l.First
	if !l.Totals {
		l.First = p.Total
	}
	l.Last, l.Totals = p.Total, true
}

// Again takes note of a record that a page lists although an earlier page did. In a
// list that is cut by position it proves that the list shifted. In any other, it may
// be listed twice only as it was: with other bytes, two records share an id, which is
// the error.
func (l *List) Again(id string, same bool) error {
	if l.Shifting {
		if l.Shifted == "" {
			l.Shifted = id
		}
		return nil
	}
	if same {
		return nil
	}
	return fmt.Errorf("two pages list different records under this id: if several records share it, make the id of more attributes; if one record changed while the list was read, name its version in Version; if the list is cut by position, declare that its pages shift")
}

// Twice takes note of a record that a list which is cut by position has on two pages, unless
// it is two records: only their content tells them apart. A total that is reached speaks for
// two.
func (l *List) Twice(id string) {
	if l.Twin == "" {
		l.Twin = id
	}
}

// Doubtful returns a list of which only its doubt is known, as a diff keeps it.
func Doubtful(doubt string) *List { return &List{Partial: doubt, Begun: true} }

// Doubt returns why the pages may not have listed everything that the remote has,
// given how many records they listed; "" when nothing speaks against it.
func (l *List) Doubt(listed int) string { return cmp.Or(l.lacks(listed), l.MustAsk()) }

// lacks returns why the list is known to lack something; "" where it is not.
func (l *List) lacks(listed int) string {
	switch {
	case l.Partial != "":
		return l.Partial
	case l.Differs:
		return fmt.Sprintf("the remote's list changed while it was read: it had %s at first and %d in the end", plural.Of(l.First, "record"), l.Last)
	case l.Totals && listed < l.Last:
		return fmt.Sprintf("the remote says it has %s and listed %d", plural.Of(l.Last, "record"), listed)
	case l.Filtered:
		return "the call's own query may leave out records that exist"
	default:
		return ""
	}
}

// MustAsk returns why a record that was not listed may exist all the same, so that it
// must be asked for; "" when nothing speaks for it.
func (l *List) MustAsk() string {
	switch {
	case l.Shifted != "":
		return l.shift()
	case l.Twin != "" && !l.Totals:
		return fmt.Sprintf("two pages have a record with the content %s, so that the list may have shifted while it was read, and it tells no total: declare pages that stay put, or where the total is", l.Twin)
	}
	return l.Unended
}

// shift is a list that is proven to have shifted.
func (l *List) shift() string {
	return fmt.Sprintf("the list shifted while it was read: record %s came on two pages, so that another may have come on none", l.Shifted)
}

// Complete reports whether what was not listed does not exist, as far as the list can
// prove it: nothing speaks against it, and something was listed.
func (l *List) Complete(listed int) bool { return listed > 0 && l.Doubt(listed) == "" }

// WasReset is why the time of a run is not stored whose scope was reset meanwhile.
const WasReset = "Reset was called while the run was under way: the next one asks for everything"

// NotStored returns why the time of the list may not be stored for the next run to
// ask from; "" when it may. A list that only grew, or shrank and stays put, hides none
// of the changes that were there from the beginning: what came to it changed after the
// time that is stored. Where rows that a complete list lacks were not removed, a run
// that asks from a time would never learn of their deletions, nor of the changes of
// records that the list hid: the next one asks for everything again.
func (l *List) NotStored(listed int) string {
	switch {
	case l.Reset:
		return WasReset
	case l.Partial != "":
		return l.Partial
	case l.Shrank && l.Shifting:
		return "the remote's list shrank while it was read, so that a record may have moved to a page that was read already"
	case l.Totals && listed < l.First:
		return fmt.Sprintf("the remote said that it has %s and listed %d", plural.Of(l.First, "record"), listed)
	case l.Shifted != "":
		return l.shift()
	case l.Filtered:
		return "the call's own query may leave out records that changed"
	case l.Unended != "":
		return l.Unended
	case l.Withheld != "":
		return "it is not known which records the remote no longer has: " + l.Withheld
	default:
		return ""
	}
}
