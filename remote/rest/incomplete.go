package rest

import (
	"errors"
	"fmt"
)

// Incomplete is how an answer says of itself that it is not everything that was asked
// for, as a search that ran out of time. It is then remote.Page.Partial.
//
// The zero value knows what is usual: a member beside the records that is true and
// called incomplete_results, partial or timed_out; an error or errors that are not
// empty; a success or ok that is false; a status that is "error", "fail" or from 400 to
// 599; and shards that failed. Members of an object called meta, status, _shards or the
// like count as well.
type Incomplete struct {
	// Path is that of a member that is true, or not empty, in such an answer:
	// "incomplete_results". It must be in each answer unless Omitted is set. [None] is
	// for an API in which nothing does, not even a member that usually would. Defaults to
	// none.
	Path    string
	Omitted bool
	// If reports whether an answer is incomplete. It must not change the answer. Defaults
	// to none.
	If func(*Response) bool
}

func (i Incomplete) validate() error {
	if i.Omitted && (i.Path == "" || i.Path == None) {
		return errors.New("incomplete: Omitted without a Path")
	}
	return nil
}

// path is where to look, "" for nowhere.
func (i Incomplete) path() string {
	if i.Path == None {
		return ""
	}
	return i.Path
}

// mark makes the page of an answer partial that says so.
func (i Incomplete) mark(resp *Response) error {
	page := resp.Page
	if path := i.path(); path != "" {
		v, ok := resp.Lookup(path)
		switch {
		case !ok && !i.Omitted:
			return fmt.Errorf("%s is missing, which says whether the answer is complete (rest.Config.Incomplete)", path)
		case ok && truthy(v):
			page.Partial = fmt.Sprintf("the answer says that it is not complete: %s is %s", path, shorten(string(v)))
		}
	}
	if page.Partial == "" && i.If != nil && i.If(resp) {
		page.Partial = "the answer is not complete, by rest.Config.Incomplete"
	}
	return nil
}
