package listing

import (
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/page"
)

// twins has the number of the next record of each content that was listed more than once,
// where the content of a record is its id.
type twins map[backend.ID]int

// number gives a record whose content was listed before the id of the next one with that
// content. On the same page it is another record. On a later page of a list that is cut by
// position, it may be the same one, which moved.
func number(l *Listing, r *page.Record, samePage bool) {
	if !l.Has(r.Key()) {
		return
	}
	if !samePage && l.Evidence.Shifting {
		l.Evidence.Twice(r.ID.String())
	}
	if l.twins == nil {
		l.twins = twins{}
	}
	content := r.ID
	for n := max(2, l.twins[content]); l.Has(r.Key()); n++ {
		l.twins[content] = n + 1
		r.Rename(l.Model.Plan.Twin(content, n))
	}
}
