package proof

import (
	"fmt"

	"github.com/syncedgo/synced/internal/plural"
)

// Answer is what a remote says when it is asked for one record.
type Answer int

// What a remote may say of a record.
const (
	// Hit is the record itself.
	Hit Answer = iota + 1
	// Miss is that there is no such record, or that it was deleted, or merged into
	// another.
	Miss
	// Unclear is any other answer, and none: it says nothing of the record.
	Unclear
)

// Inquiry asks a remote for records that may be gone. A miss is proof only beside a
// hit: a control, a record that is known to exist, must be answered by the same
// question before the first and after the last of them.
type Inquiry struct {
	before, after bool
	misses        []int // numbers of the records that were missed
	unclear       int
	first         string // why the first unclear answer was unclear
	asked         int
}

// Control takes note of what was said of a control.
func (q *Inquiry) Control(a Answer) {
	switch {
	case a != Hit:
	case q.asked == 0:
		q.before = true
	default:
		q.after = true
	}
}

// Record takes note of what was said of a record, by its number. Why tells of an
// unclear answer.
func (q *Inquiry) Record(n int, a Answer, why string) {
	q.asked++
	q.after = false // the control must be found after it
	switch a {
	case Miss:
		q.misses = append(q.misses, n)
	case Unclear:
		if q.unclear++; q.first == "" {
			q.first = why
		}
	}
}

// NoControl is why a miss proves nothing where no control was found.
const NoControl = "the remote does not find a record that exists, when asked in the same way: the credentials, the address of one record, or a filter may hide it"

// Gone returns the numbers of the records that are proven to be gone, and why others
// may not be, or "".
func (q *Inquiry) Gone() (gone []int, why string) {
	if !q.before || !q.after {
		if len(q.misses) == 0 {
			return nil, q.unsure()
		}
		return nil, NoControl
	}
	return q.misses, q.unsure()
}

func (q *Inquiry) unsure() string {
	if q.unclear == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %s could not be asked for, the first: %s", q.unclear, plural.Of(q.asked, "absent record"), q.first)
}

// LeavesOut returns why lists of ids prove nothing where one left out a record that is
// found by its own address.
func LeavesOut(id string) string {
	return fmt.Sprintf("the list of ids leaves out record %s, which exists: set rest.Config.IDs.Query so that no filter hides it", id)
}
