package feed

import (
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/remote"
)

// Pages that have arrived are dealt with together up to this many records and bytes of
// objects, about one page of the usual size. That bounds the transaction and the memory.
const (
	mostTogether      = 500
	mostBytesTogether = 1 << 20
)

// fetched is a page, or the error that ended the pages, or a panic of the API's.
type fetched struct {
	page     *page.Received
	err      error
	panicked any
}

// arrived are pages that nobody has taken yet, in their order. An error or a panic is the
// last.
type arrived struct {
	list        []fetched
	total, last size
}

// add adds what came.
func (a *arrived) add(f fetched) {
	a.last = sizeOf(f.page)
	a.list, a.total = append(a.list, f), a.total.and(a.last)
}

// admits reports whether what came may be dealt with together with these.
func (a *arrived) admits(f fetched) bool {
	return len(a.list) == 0 || a.total.and(sizeOf(f.page)).small()
}

// full reports whether another page like the last would be too much.
func (a *arrived) full() bool { return !a.total.and(a.last).small() }

// cost returns a page that cost what these did.
func (a *arrived) cost() *page.Received {
	pages := make([]*page.Received, len(a.list))
	for i, f := range a.list {
		pages[i] = f.page
	}
	return costOf(pages)
}

// costOf returns a page that cost what some pages did; nil where there are none.
func costOf(pages []*page.Received) *page.Received {
	if len(pages) == 0 {
		return nil
	}
	sum := &remote.Page{}
	for _, p := range pages {
		if p != nil && p.Page != nil {
			sum.Requests += p.Requests
			sum.Bytes += p.Bytes
		}
	}
	return &page.Received{Page: sum}
}

// size is how much pages have: records that they list or name, and bytes of objects.
type size struct{ records, bytes int }

// sizeOf returns the size of a page. Each has one record at least.
func sizeOf(p *page.Received) size {
	if p == nil || p.Page == nil {
		return size{1, 0}
	}
	s := size{records: max(1, len(p.Objects)+len(p.ChangedIDs)+len(p.DeletedIDs))}
	for _, o := range p.Objects {
		s.bytes += len(o.Raw())
	}
	return s
}

func (s size) and(other size) size { return size{s.records + other.records, s.bytes + other.bytes} }

// small reports whether pages of this size may be dealt with together.
func (s size) small() bool { return s.records <= mostTogether && s.bytes <= mostBytesTogether }
