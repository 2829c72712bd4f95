package rest

import (
	"fmt"
	"time"

	"github.com/zeebo/xxh3"
)

// edge is where a full page ends whose next page is asked for by a time: what has the same
// time as its last record may be on no page.
type edge struct {
	last uint64 // a hash of that record, 0 where the page is none of this kind
	at   string // its time
	lost string // the time after which the list went on, "" where it did not
}

// ties looks at a list that goes on after the time of its last record. Where the next page
// begins with that record again, the records beside it are there as well.
func (w *walk) ties(resp *Response) {
	c, ok := w.lister.config.Pagination.(Cursor)
	if !ok || c.LastRecord == "" {
		return
	}
	page := resp.Page
	if w.before.cut.last != 0 {
		again := false
		for _, o := range page.Objects {
			again = again || xxh3.Hash(o.Raw()) == w.before.cut.last
		}
		if !again && w.before.cut.lost == "" {
			w.before.cut.lost = w.before.cut.at
		}
	}
	w.before.cut.last = 0
	if _, at, err := c.lastRecord(resp); err == nil && resp.full && coarse(at) {
		w.before.cut.last, w.before.cut.at = xxh3.Hash(page.Objects[len(page.Objects)-1].Raw()), at
	}
	if w.before.cut.lost != "" && page.Unended == "" {
		page.Unended = fmt.Sprintf("the list goes on after the time of the last record of a page, %s, so that others of that second may be on no page: let Cursor.LastRecord name the id, or a parameter that lists them again", w.before.cut.lost)
	}
}

// coarse reports whether a text is a time that counts whole seconds, which records share.
func coarse(text string) bool {
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at.Nanosecond() == 0
		}
	}
	n, err := parseUnix(text)
	return err == nil && n.Nanosecond() == 0
}
