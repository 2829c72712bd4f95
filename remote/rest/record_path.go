package rest

import (
	"fmt"

	"github.com/syncedgo/synced/remote"
)

// unwrap puts in place of each item of a list the record in it, and keeps the last item,
// of which a cursor may be made.
func unwrap(path string, resp *Response) *remote.FormatError {
	page := resp.Page
	if n := len(page.Objects); n > 0 {
		resp.last = page.Objects[n-1].Raw()
	}
	if path == "" {
		return nil
	}
	for i, item := range page.Objects {
		v, ok := lookup(item.Raw(), path)
		if !ok || v.Kind() != '{' {
			found := "nothing"
			if ok {
				found = kindName(v.Kind())
			}
			return &remote.FormatError{Reason: fmt.Sprintf("item %d of the list has %s at %q, where its record is (rest.Config.RecordPath)", i+1, found, path), Err: remote.ErrNoRecords}
		}
		if item.Err() != nil {
			page.Objects[i] = remote.InvalidObject(v)
			continue
		}
		page.Objects[i] = remote.UncheckedObject(v)
	}
	return nil
}
