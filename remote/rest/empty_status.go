package rest

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// emptyStatuses are what may be declared to mean that there are no records.
var emptyStatuses = []int{http.StatusNoContent, http.StatusResetContent, http.StatusNotModified, http.StatusNotFound, http.StatusRequestedRangeNotSatisfiable}

// checkEmptyStatus refuses a status that does not mean "there is none".
func (c Config) checkEmptyStatus() error {
	for _, status := range c.EmptyStatus {
		if !slices.Contains(emptyStatuses, status) {
			return fmt.Errorf("empty status %d: want 204, 205, 304, 404 or 416", status)
		}
	}
	return nil
}

// isEmpty reports whether a status is the API's way to say that a list is empty. One
// that says so of a single record is that it is not there.
func (r *asker) isEmpty(a *ask, status int) bool {
	if a.envelope.one || a.envelope.any {
		return false
	}
	return slices.Contains(r.config.EmptyStatus, status) ||
		status == http.StatusNotModified && a.header.Get(ifModifiedSince) != ""
}

// accepts are the statuses besides 2xx that are an empty list.
func (r *asker) accepts(a *ask) []int {
	if a.envelope.one || a.envelope.any {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.config.EmptyStatus), func(status int) bool { return status < 300 })
}

// empty fills the page of a list that is empty by its status.
func (r *asker) empty(answer *wire.Answer, a *ask, resp *Response) error {
	page := resp.Page
	page.Objects, resp.beyond = []remote.Object{}, true
	if r.deletedTold {
		page.DeletedIDs = []remote.Value{}
	}
	if answer.Status == http.StatusNotModified && a.page > 1 {
		page.Partial = fmt.Sprintf("page %d is 304 Not Modified: it may have records that are as they were, and pages after it others that are not", a.page)
	}
	if err := r.readHeader(answer, page); err != nil {
		return answer.FormatError(err, nil)
	}
	return nil
}

// noBody is a good status that has no list, where it is not declared.
func noBody(status int) *remote.FormatError {
	return &remote.FormatError{Reason: fmt.Sprintf("%d %s, without a list: set rest.Config.EmptyStatus where that means that there are no records", status, http.StatusText(status))}
}
