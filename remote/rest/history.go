package rest

import (
	"net/url"

	"github.com/zeebo/xxh3"

	"github.com/syncedgo/synced/remote"
)

// history is what a run remembers of its pages to see that the list moves on: two
// hashes a page. Two that are equal by chance, one in 10¹⁰ lists of 50,000 pages,
// end the run with an error.
type history struct {
	urls, pages map[uint64]struct{}
	last        uint64 // the hash of the page that came last
}

// ask notes that a URL was asked.
func (h *history) ask(u *url.URL) { note(&h.urls, xxh3.HashString(u.String())) }

// asked reports whether it was.
func (h *history) asked(u *url.URL) bool {
	_, ok := h.urls[xxh3.HashString(u.String())]
	return ok
}

// repeats reports whether the records of a page are those of an earlier one, and whether
// that is the one before, and notes them.
func (h *history) repeats(page *remote.Page) (repeated, last bool) {
	if len(page.Objects) == 0 {
		return false, false
	}
	var sum xxh3.Hasher
	for _, o := range page.Objects {
		_, _ = sum.Write(o.Raw()) // never fails
		_, _ = sum.Write([]byte{'\n'})
	}
	last, h.last = h.last == sum.Sum64(), sum.Sum64()
	return note(&h.pages, h.last), last
}

// note adds to a set, and reports whether it was there.
func note(set *map[uint64]struct{}, sum uint64) bool {
	if _, ok := (*set)[sum]; ok {
		return true
	}
	if *set == nil {
		*set = map[uint64]struct{}{}
	}
	(*set)[sum] = struct{}{}
	return false
}
