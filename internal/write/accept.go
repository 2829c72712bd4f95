package write

import (
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idset"
	"github.com/syncedgo/synced/internal/page"
)

// Accept takes note of what is nested in records of an accepted page whose rows are as they
// were, as if they were written. A record goes back to those that are, where another listed
// one of its nested records in this run: that is an error, which writing tells.
func Accept(w *Writer, p *page.Page) {
	var shared []uint64
	a := acceptor{w}
	for _, r := range p.Families {
		if a.isOthers(r.Nested) {
			shared, p.Records = append(shared, r.Key()), append(p.Records, r)
			r.Look = backend.Unseen
			continue
		}
		a.list(r.Nested)
	}
	if len(shared) > 0 {
		p.Same = slices.DeleteFunc(p.Same, func(key uint64) bool { return slices.Contains(shared, key) })
	}
}

// acceptor takes note of records that are not written. Its writer is that of those in which
// they are nested.
type acceptor struct{ *Writer }

// each calls do with the writers of nested records, and the records.
func (w acceptor) each(nested []page.Nested, do func(child *Writer, n page.Nested)) {
	for i := range w.Model.Associations {
		a := &w.Model.Associations[i]
		child := w.Child(a)
		for _, n := range nested {
			if n.Of == a {
				do(child, n)
			}
		}
		acceptor{child}.each(nested, do)
	}
}

// isOthers reports whether the run has heard of one of some nested records before.
func (w acceptor) isOthers(nested []page.Nested) (others bool) {
	w.each(nested, func(child *Writer, n page.Nested) {
		for _, id := range n.IDs {
			_, dropped := child.dropped[id]
			others = others || dropped || child.claims.listed.Has(idset.Key(id))
		}
	})
	return others
}

// list takes note that records list nested ones whose rows are as they were.
func (w acceptor) list(nested []page.Nested) {
	w.each(nested, func(child *Writer, n page.Nested) {
		same := &page.Page{Same: make([]uint64, len(n.IDs))}
		for i, id := range n.IDs {
			key := idset.Key(id)
			same.Same[i] = key
			child.claims.listed.Add(key, 0)
			child.Listing.Seen(key)
		}
		child.Counts.Add(child.Listing.CountSame(same))
	})
}
