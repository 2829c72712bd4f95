package sqlstore

import (
	"cmp"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idindex"
)

// byIDs finds the records of the page by id.
func (w *writer) byIDs() *idindex.Index {
	return idindex.Of(len(w.page), func(i int) backend.ID { return w.page[i].ID })
}

// byID compares the ids of two records of the page.
func (w *writer) byID(a, b int) int { return compare(w.page[a].ID, w.page[b].ID) }

// compare orders ids that are of one kind.
func compare(a, b backend.ID) int {
	x, isInt := a.Int()
	y, _ := b.Int()
	if !isInt {
		return strings.Compare(a.String(), b.String())
	}
	return cmp.Compare(x, y)
}
