package rest

import (
	"slices"
	"strings"
)

// How APIs name a record's id, the time of its last change, and what says that it was
// deleted, in lower case and without signs, the likeliest first.
var (
	idNames      = []string{"id", "uuid", "guid", "gid", "sysid", "key", "objectid", "recordid", "identifier", "code", "slug", "number"}
	changedNames = []string{
		"updatedat", "updated", "updatedon", "updatetime", "updatedtime", "updateddate", "dateupdated", "timeupdated", "lastupdated", "lastupdatedat", "lastupdate",
		"modifiedgmt", "datemodifiedgmt", "modifiedat", "modified", "modifiedon", "modifieddate", "datemodified", "modifiedtime", "lastmodified", "lastmodifiedat", "lastmodifieddatetime",
		"lastmodifieddate", "lastmodifiedtime", "lasteditedtime", "lastedited", "changedat", "systemmodstamp", "hslastmodifieddate", "lastchanged", "mtime",
	}
	deletedNames  = []string{"deleted", "isdeleted", "deletedat", "datedeleted", "deletedon", "removed", "intrash", "trashed", "trashedat"}
	deletedStates = []string{"deleted", "removed", "trashed", "trash"}
	wrapperNames  = []string{"node", "doc", "item", "resource", "record", "object", "document"}
	innerNames    = []string{"attributes", "properties", "fields", "data"}
)

// id is the attribute that tells records apart, nil where none does for certain. Its name
// is that of an id, or of the list: rental_id.
func (s *shape) id(list string) *attribute {
	singular := plainName(strings.TrimSuffix(list, "s"))
	named := func(a *attribute) int {
		plain := plainName(lastName(a.path))
		if plain == singular+"id" || plain == plainName(list)+"id" {
			return 1
		}
		return slices.Index(idNames, plain) * 2
	}
	return s.likeliest(named, func(a *attribute) bool { return a.unique(s) })
}

// changed is the attribute that says when a record was last changed, nil where none does.
func (s *shape) changed() *attribute {
	named := func(a *attribute) int { return slices.Index(changedNames, plainName(lastName(a.path))) }
	return s.likeliest(named, func(a *attribute) bool { return a.layout() != "" })
}

// likeliest is the attribute that fits with the least rank, which is negative where a
// name means nothing. One of a record comes before one of an object in it.
func (s *shape) likeliest(rank func(a *attribute) int, fits func(a *attribute) bool) (best *attribute) {
	least := 0
	for _, a := range s.attributes {
		n := rank(a)
		if n < 0 || !fits(a) {
			continue
		}
		if s.within(a) && !slices.Contains(innerNames, s.outer(a)) {
			n += 1000
		}
		if best == nil || n < least {
			best, least = a, n
		}
	}
	return best
}

// within reports whether an attribute is that of an object in the record.
func (s *shape) within(a *attribute) bool { return s.outer(a) != "" }

// outer is the object in the record that an attribute is in, "" where it is the record's own.
func (s *shape) outer(a *attribute) string {
	for i, r := range a.path {
		if r != '.' {
			continue
		}
		if o := s.find(a.path[:i]); o != nil && slices.Contains(o.kinds, '{') {
			return o.path
		}
	}
	return ""
}

// deleted is the attribute that says that a record was deleted, and the value with which
// it says so; "" where any does but null and false.
func (s *shape) deleted() (found *attribute, state string) {
	for _, a := range s.attributes {
		plain := plainName(lastName(a.path))
		flag := a.is('t') || len(a.kinds) == 0 || a.layout() != "" || a.path == "@removed"
		if slices.Contains(deletedNames, plain) && !s.within(a) && flag {
			return a, ""
		}
		if plain != "status" && plain != "state" || s.within(a) {
			continue
		}
		for _, state := range deletedStates {
			if a.values[`"`+state+`"`] {
				return a, state
			}
		}
	}
	return nil, ""
}

// wrapped is the member of each item that the record is in, "" where the items are
// records: none has an id but one in an object of a usual name.
func (s *shape) wrapped(list string) string {
	id := s.id(list)
	if id == nil || !s.within(id) || !slices.Contains(wrapperNames, plainName(s.outer(id))) {
		return ""
	}
	return s.outer(id)
}
