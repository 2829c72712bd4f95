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
// empty; and a success or ok that is false.
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

// How APIs name what tells of trouble beside the records, in lower case and without
// signs.
var (
	// troubles are members that tell of it unless they are empty.
	troubles = map[string]bool{"error": true, "errors": true, "incomplete": true, "isincomplete": true, "incompleteresults": true, "resultsincomplete": true,
		"partial": true, "ispartial": true, "partialresults": true, "partialresult": true, "timedout": true,
		// and those that tell of it where they are false
		"success": false, "ok": false, "complete": false, "iscomplete": false}
	// told are what stands in place of records where there is an error.
	told = map[string]bool{"message": true, "msg": true, "detail": true, "details": true, "fault": true, "exception": true, "errormessage": true, "errorcode": true, "reason": true}
)

// longestTrouble bounds the names that are looked at.
const longestTrouble = 24

// trouble takes note of a member beside the records that says that something is wrong.
func (s *splitter) trouble(name string, v []byte) {
	if len(name) > longestTrouble {
		return
	}
	plain := plainName(name)
	s.excuse = s.excuse || told[plain] && truthy(v)
	if s.page.Partial != "" || s.trusting {
		return
	}
	switch bad, known := troubles[plain]; {
	case !known:
	case bad && truthy(v) && !fine(v), !bad && string(v) == "false":
		s.page.Partial = fmt.Sprintf("the answer says that something is wrong: %s is %s (see rest.Config.Incomplete)", name, shorten(string(v)))
	}
}

// fine reports whether a text says that there is no error.
func fine(v []byte) bool {
	switch string(v) {
	case `"0"`, `"false"`, `"none"`, `"null"`, `"ok"`, `"OK"`, `"no"`:
		return true
	}
	return false
}
