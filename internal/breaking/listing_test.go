package breaking_test

import (
	"context"
	"net/http"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// listing is how a list is cut into pages, by the remote and as declared.
type listing struct {
	name       string
	style      remotetest.Style
	pagination rest.Pagination
	// stays reports whether positions stay put, and whole that there is but one page.
	stays, whole bool
}

var listings = []listing{
	{name: "link"},
	{name: "stable link", style: remotetest.Style{By: remotetest.ByCursor}, pagination: rest.LinkHeader{Stable: true, PerPage: "limit"}, stays: true},
	{name: "page", style: remotetest.Style{NoLink: true}, pagination: rest.PageNumber{}},
	{name: "offset", style: remotetest.Style{By: remotetest.ByOffset, NoLink: true}, pagination: rest.Offset{}},
	{name: "cursor", style: remotetest.Style{By: remotetest.ByCursor, NextParam: "meta.next"}, pagination: rest.Cursor{Path: "meta.next"}, stays: true},
	{name: "last id", style: remotetest.Style{By: remotetest.ByLastID, NoLink: true}, pagination: rest.Cursor{Param: "starting_after", LastRecord: "id"}, stays: true},
	{name: "last id, more", style: remotetest.Style{By: remotetest.ByLastID, HasMore: "meta.more"}, pagination: rest.Cursor{Param: "starting_after", LastRecord: "id", MorePath: "meta.more"}, stays: true},
	{name: "next", style: remotetest.Style{NextURL: "meta.next"}, pagination: rest.NextURL{Path: "meta.next"}},
	{name: "stable next", style: remotetest.Style{By: remotetest.ByCursor, NextURL: "meta.next"}, pagination: rest.NextURL{Path: "meta.next", Stable: true, PerPage: "limit"}, stays: true},
	{name: "one", pagination: rest.OnePage{}, whole: true},
}

// listed is a listing by its name.
func listed(name string) listing {
	for _, l := range listings {
		if l.name == name {
			return l
		}
	}
	panic("no listing " + name)
}

// serve starts a remote with such lists.
func (w ways) serve(l listing, perPage int, newestFirst bool) *remotetest.Server {
	if l.whole {
		perPage = 1000
	}
	config := remotetest.Config{PerPage: perPage, Token: citizens(1), Style: l.style, Quirks: remotetest.Quirks{ETag: w.Conditional, NewestFirst: newestFirst && !l.stays}}
	if w.Tombstones {
		config.Deletions.Tombstone = "deleted_at"
	}
	return remotetest.New(config)
}

// apis are the clients of accounts.
type apis map[int64]remote.API

func (a apis) of(_ context.Context, scope synced.Scope) (remote.API, error) {
	return a[scope.Value().(int64)], nil
}

// clients ask the accounts of a remote with such lists.
func (w ways) clients(url string, transport *http.Client) (apis, error) {
	all := apis{}
	for account := range 2 {
		c, err := w.client(url, account+1, transport)
		if err != nil {
			return nil, err
		}
		all[int64(account+1)] = c
	}
	return all, nil
}

func (w ways) client(url string, account int, transport *http.Client) (*rest.Client, error) {
	config := rest.Config{BaseURL: url, HTTP: transport, Auth: wire.Bearer(citizens(account)), Pagination: listed(w.Listing).pagination, Conditional: w.Conditional}
	if w.Tombstones {
		config.Deleted.Path = rest.None
	}
	config.Retry.Max = -1
	return rest.NewClient(config)
}

// citizens is the token of an account.
func citizens(account int) string { return [...]string{"", token, "token-of-account-2"}[account] }
