package rest

import (
	"cmp"
	"strconv"
	"time"

	"github.com/syncedgo/synced/remote"
)

// order is whether records come in the order of an attribute, as they must where each page is
// asked for by the attribute of the last record before it: a list that is sorted by something
// else leaves records out without a word.
type order struct {
	last    string // the value that came last, "" for none
	up      int    // 1 where values grow, -1 where they shrink, 0 where neither is known
	opaque  bool   // values that have no order, such as random ids
	crossed bool   // values went the other way
}

// looks is how many records of a page are looked at, spread over it. Of a list in any other
// order, that many are hardly ever sorted, and to look at each took a tenth of a page's time.
const looks = 8

// ordered looks at the order of a page's records, and tells of a list that has another.
func (w *walk) ordered(page *remote.Page) {
	c, ok := w.lister.config.Pagination.(Cursor)
	if !ok || c.LastRecord == "" || w.lister.config.RecordPath != "" {
		return
	}
	o, n := &w.before.order, len(page.Objects)
	for at := range min(n, looks) {
		if i := n - 1; n > looks { // the first and the last are among them
			at = at * i / (looks - 1)
		}
		v, _ := lookup(page.Objects[at].Raw(), c.LastRecord)
		text, err := textOf(v)
		o.put(text, err)
	}
	page.Shifting = page.Shifting || o.crossed && (page.More || page.Number > 1)
}

// put takes note of the next value.
func (o *order) put(value string, err error) {
	if o.opaque || o.crossed {
		return
	}
	if o.last != "" && err == nil {
		way, known := compareValues(o.last, value)
		o.opaque = !known
		o.crossed = known && way*o.up < 0
		o.up = cmp.Or(o.up, way)
	}
	o.opaque = o.opaque || err != nil || value == ""
	o.last = value
}

// compareValues returns 1 where values grow, and -1 where they shrink. It knows whole numbers
// and times.
func compareValues(a, b string) (way int, known bool) {
	m, err1 := strconv.ParseInt(a, 10, 64)
	n, err2 := strconv.ParseInt(b, 10, 64)
	if err1 == nil && err2 == nil {
		return cmp.Compare(n, m), true
	}
	for _, layout := range layouts {
		if from, err := time.Parse(layout, a); err == nil {
			to, err := time.Parse(layout, b)
			return to.Compare(from), err == nil
		}
	}
	return 0, false
}
