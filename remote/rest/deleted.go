package rest

import (
	"context"
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/remote"
)

// Deleted is how an API tells which records it deleted. The zero value is a list
// of ids at meta.deleted_ids in each page's body. Records that are listed with a
// status of their own are for synced.Synced.Tombstone.
type Deleted struct {
	// Path names the member that holds the list: "meta.gone", [Root] or [None].
	// Defaults to meta.deleted_ids, and where there is an Endpoint to its last
	// part.
	Path string
	// Key names the id in an item that is an object. Defaults to none: the items
	// are ids.
	Key string
	// Endpoint is a separate one for what was deleted, with %s for the name of the
	// list: "%s/deleted". A run that asks for changes reads all its pages, with the
	// same time, when it has its own first page and before that is yielded. Its ids
	// come with that page. Request.Fields and Include are not sent. Defaults to
	// none.
	Endpoint string
}

func (d Deleted) withDefaults() Deleted {
	if d.Endpoint == "" {
		setDefault(&d.Path, "meta.deleted_ids")
	}
	return d
}

// validate returns what is wrong with the settings. An endpoint that is not the
// list's would have the ids of one list removed from another.
func (d Deleted) validate() error {
	switch {
	case d.Endpoint != "" && strings.Count(d.Endpoint, "%s") != 1:
		return fmt.Errorf("deleted: endpoint %q: want %%s once, where the name of the list goes, as in %q", d.Endpoint, "%s/deleted")
	case d.Endpoint != "" && d.Path == None:
		return fmt.Errorf("deleted: endpoint %q with the path None: leave one of them out", d.Endpoint)
	case d.Endpoint == "" && d.Path == Root:
		return fmt.Errorf("deleted: the path is Root, where the records are: name an Endpoint, or a member")
	}
	return nil
}

// endpoint is where to ask for what a list has lost.
func (d Deleted) endpoint(list string) string {
	return strings.Replace(d.Endpoint, "%s", strings.TrimSuffix(list, "/"), 1)
}

// addDeleted gives the first page of a run what the endpoint for it says was
// deleted. The page counts what that cost. Where that list proves too little, no time
// may be stored, because a deletion that it lacks would never be asked for again.
func (o opening) addDeleted(ctx context.Context, req remote.Request, first *remote.Page) error {
	req = remote.Request{Endpoint: o.config.Deleted.endpoint(req.Endpoint), UpdatedSince: req.UpdatedSince, UpdatedUntil: req.UpdatedUntil, Query: req.Query}
	e := envelopeOf(o.config, req.Endpoint)
	e.records, e.ids = "", true
	e.deleted = pathTo(o.config.Deleted.Path, req.Endpoint)
	first.DeletedIDs = []remote.Value{}
	var list proof.List
	seen := map[string]bool{}
	for page, err := range o.list(ctx, req, e) {
		if page != nil {
			first.Requests += page.Requests
			first.Bytes += page.Bytes
		}
		if err != nil {
			return fmt.Errorf("what was deleted: %w", err)
		}
		list.Page(proof.Page{Total: page.Total, TotalKnown: page.TotalKnown, Shifting: page.Shifting, Partial: page.Partial, Unended: page.Unended})
		for _, id := range page.DeletedIDs {
			if text := string(id); seen[text] {
				_ = list.Again(text, true)
			} else {
				seen[text] = true
			}
		}
		first.DeletedIDs = append(first.DeletedIDs, page.DeletedIDs...)
	}
	if why := list.NotStored(len(seen)); why != "" && first.Partial == "" {
		first.Partial = "the list of what was deleted: " + why
	}
	return nil
}
