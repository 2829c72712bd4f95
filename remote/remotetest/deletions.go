package remotetest

import (
	"net/http"
	"strings"
)

// Deletions is how the API tells what was deleted. The zero value is BookingSync's:
// their ids are in meta.deleted_ids of the answers to updated_since. With None as IDs,
// only their absence tells.
type Deletions struct {
	// IDs is the path of the ids. Defaults to "meta.deleted_ids" where neither of
	// the next two is set and the body has room for it.
	IDs string
	// Endpoint lists them below the collection: "deleted" for /rentals/deleted,
	// records of an id and a deleted_at. It knows updated_since.
	Endpoint string
	// Tombstone names the member that says when a record was deleted:
	// "deleted_at". The record stays in its list.
	Tombstone string
	// Status answers a request for a single one that is gone. Defaults to 404.
	Status int
}

// withDefaults fills the zero values, which depend on the style.
func (d Deletions) withDefaults(s Style) Deletions {
	if d.IDs == "" && d.Endpoint == "" && d.Tombstone == "" && s.Records == "" && s.By != BySequence {
		d.IDs = "meta.deleted_ids"
	}
	if d.IDs == None {
		d.IDs = ""
	}
	if d.Status == 0 {
		d.Status = http.StatusNotFound
	}
	return d
}

// deletion is the record that tells of a deleted one.
func (c *Collection) deletion(e *entry, member string, value any) *entry {
	raw := encode(map[string]any{c.config().Style.ID: valueOf(e.key), member: value})
	return &entry{key: e.key, at: e.at, seq: e.seq, raw: raw}
}

// tombstones are the deleted records of the endpoint; the caller holds mu.
func (c *Collection) tombstones() []*entry {
	var list []*entry
	for _, e := range c.deleted {
		list = append(list, c.deletion(e, "deleted_at", c.config().Since.value(e.at)))
	}
	return list
}

// tombstonesOf is the collection that a path lists the deleted records of, nil for
// none; the caller holds mu.
func (a *Account) tombstonesOf(path string) *Collection {
	endpoint := a.server.config.Deletions.Endpoint
	if endpoint == "" || !strings.HasSuffix(path, "/"+endpoint) {
		return nil
	}
	return a.collections[strings.TrimSuffix(path, "/"+endpoint)]
}
