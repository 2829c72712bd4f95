package rest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/syncedgo/synced/remote"
)

// position finds the position that an API gives at the end of a list.
func (r *recognizer) position(e *evidence) {
	s, ok := e.find(saysPosition)
	if !ok || s.header {
		return
	}
	r.config.Position = Position{Path: s.at}
	if !isURL(s.text()) {
		r.config.Position.Param = withoutNext(lastName(s.at))
	}
	r.tell("Position", codeOf(r.config.Position), fmt.Sprintf("%q is where to ask for later changes", s.at))
}

// roles finds what the attributes of the records are for.
func (r *recognizer) roles() {
	var records []remote.Value
	for _, p := range r.pages {
		records = append(records, p.records...)
	}
	s := shapeOf(records)
	f := &r.found
	f.name = r.target.list()
	if r.config.Body != nil { // orders.csv.gz
		f.name, _, _ = strings.Cut(f.name, ".")
	}
	f.base = r.target.shownBase()
	id := s.id(r.target.list())
	switch {
	case s.records == 0:
		r.wonder("what a record has, its id among it: the list is empty")
	case id != nil && writableName(id.path):
		f.id = id.path
		r.tell("id", strconv.Quote(id.path), fmt.Sprintf("each of %d records has another", s.records))
	default:
		id = nil
		r.wonder("which attribute is the id: none with the name of one has another value in each record. Several may make it: see synced.Synced.ID. Until then, the whole content is the id")
	}
	f.fields, f.left = fieldsOf(s, id)
	switch changed := s.changed(); {
	case changed != nil:
		r.tell("changed", strconv.Quote(changed.path), "by its name and its values, which are times"+spelled(changed.layout()))
		f.changed = changed.path
	case s.records > 0:
		r.wonder("when a record was last changed: no attribute with such a name has times")
	}
	if deleted, state := s.deleted(); deleted != nil {
		f.deleted, f.state = deleted.path, state
		why := "its name is that of a mark"
		if state != "" {
			why = fmt.Sprintf("a record has %q there", state)
		}
		r.tell("Tombstone", strconv.Quote(deleted.path), why)
	}
	r.since()
	r.wonder("whether the list leaves out records by itself: closed, archived or drafts, or those of others. The API's documentation says it")
}

// spelled is how times are written, where it is not RFC 3339.
func spelled(layout string) string {
	if layout == time.RFC3339 {
		return ""
	}
	return " as " + strconv.Quote(layout)
}

// since finds how the API is asked for changes, and how it tells deletions.
func (r *recognizer) since() {
	first := r.pages[0]
	if first.head.Header.Get("Date") != "" {
		r.found.dated = true
	}
	defaults := Config{}.withDefaults()
	told := first.head.Header.Get(defaults.SyncedAtHeader) != ""
	r.found.clock = told
	switch {
	case r.config.Position.Path != "":
		delete(r.target.query, r.target.since.Param)
	case r.target.since.Param != "":
		r.config.Since = r.target.since
		r.found.since = true
		delete(r.target.query, r.target.since.Param)
		r.tell("Since", codeOf(r.config.Since), "the URL has that parameter, with a time")
		r.wonder("whether the list has what changed at the very time that is asked for: Exclusive is set, which costs little where it has")
	case told:
		r.found.since = true
		r.tell("Since", codeOf(Since{Param: defaults.Since.Param}), fmt.Sprintf("the answer has the header %q, as BookingSync's do", defaults.SyncedAtHeader))
	default:
		r.wonder("how the API is asked for changes: no answer shows the parameter. Give a URL with it and a time, or set Since by the API's documentation")
	}
	if r.config.Body != nil {
		return
	}
	for _, path := range []string{defaults.Deleted.Path, "deleted_ids", "meta.deleted", "deleted"} {
		if v, ok := lookup(first.body, path); ok && v.Kind() == '[' {
			r.config.Deleted.Path = unless(path, defaults.Deleted.Path)
			r.tell("Deleted", codeOf(Deleted{Path: path}), "the answer has a list there")
			return
		}
	}
	if r.found.deleted == "" && r.config.Position.Path == "" {
		r.wonder("how deletions are told: nothing shows it. What a complete run with Remove does not list is gone")
	}
}
