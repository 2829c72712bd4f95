package sqlstore

import (
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idindex"
)

// byIDs finds the records of the page by id.
func (w *writer) byIDs() *idindex.Index {
	return idindex.Of(len(w.page), func(i int) backend.ID { return w.page[i].ID })
}

// byID compares the ids of two records of the page.
func (w *writer) byID(a, b int) int { return w.page[a].ID.Compare(w.page[b].ID) }
