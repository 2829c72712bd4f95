package recipes

import (
	"net/url"
	"strings"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// CouchDoc is a document.
type CouchDoc struct {
	SyncedID string `json:"id" db:"synced_id"`
	Name     string `json:"doc.name" db:"name"`
}

// CouchDB declares the documents of a database; base is https://HOST:6984/DATABASE.
func CouchDB(base, user, password string) (synced.Synced[CouchDoc], error) {
	api, err := rest.NewClient(rest.Config{
		BaseURL:    base,
		Auth:       wire.Basic(user, password),
		PerPage:    1000,
		RecordsKey: "results",
		Pagination: rest.Sequence{},
		Position:   rest.Position{Path: "last_seq", Param: "since"},
	})
	return synced.Synced[CouchDoc]{
		Table:    "couch_docs",
		Endpoint: "_changes",
		API:      api,
		Ask:      synced.Ask{Query: url.Values{"include_docs": {"true"}}},
		Strategy: strategy.Position{},
		Remove:   synced.Destroy{},
		Tombstone: func(o remote.Object) bool {
			deleted, _ := remote.Get[bool](o, "deleted")
			id, _ := remote.Get[string](o, "id")
			return deleted || strings.HasPrefix(id, "_design/")
		},
	}, err
}
