package rest

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// IDs is how the API lists certain records only, by their ids, so that absent ones are
// asked for many at once. The zero value is none: they are asked for one by one.
//
//	IDs{Param: "ids"}                                         // ids=4,5,6
//	IDs{Param: "id", Repeated: true}                          // id=4&id=5&id=6
//	IDs{Param: "filter", Filter: "id in (%s)"}                // filter=id in (4,5,6)
//	IDs{Param: "filter", Each: "id='%s'", Join: "||"}         // filter=id='a'||id='b'
//	IDs{Param: "ids", Query: url.Values{"status": {"any"}}}   // closed ones as well
type IDs struct {
	// Param names the parameter.
	Param string
	// Repeated reports whether each id has a parameter to itself.
	Repeated bool
	// Each is an expression around each id, Filter one around all, with %s in its
	// place. An id with a quote or a backslash is then not asked for so.
	Each, Filter string
	// Join stands between ids. An id that has it in itself is not asked for so. Defaults
	// to a comma.
	Join string
	// Query is sent besides, with what lifts the list's own filters. The Query of the
	// declaration is not sent, because a record that it leaves out would look as if it
	// were gone. KeepQuery sends that too.
	Query     url.Values
	KeepQuery bool
}

// validate returns what is wrong with the settings.
func (i IDs) validate() error {
	switch {
	case i.Param == "" && (i.Repeated || i.Each != "" || i.Filter != "" || i.Join != "" || i.Query != nil || i.KeepQuery):
		return errors.New("ids: want Param, the name of the parameter")
	case i.Repeated && (i.Each != "" || i.Filter != "" || i.Join != ""):
		return errors.New("ids: Repeated, and an expression: want one of them")
	case i.Query.Has(i.Param):
		return fmt.Errorf("ids: Query has %s, where the ids go", i.Param)
	}
	for name, text := range map[string]string{"each": i.Each, "filter": i.Filter} {
		if text != "" && strings.Count(text, "%s") != 1 {
			return fmt.Errorf("ids: %s %q: want %%s once", name, text)
		}
	}
	return nil
}

// can reports whether an id can be asked for in a list.
func (i IDs) can(id string) bool {
	switch {
	case i.Param == "" || id == "":
		return false
	case i.Repeated:
		return true
	case i.Each != "" || i.Filter != "":
		return !strings.ContainsAny(id, "'\"\\`") && !strings.Contains(id, i.join())
	}
	return !strings.Contains(id, i.join())
}

func (i IDs) join() string {
	if i.Join == "" {
		return ","
	}
	return i.Join
}

// request asks for some records of a list.
func (i IDs) request(req remote.Request, ids []string) (remote.Request, error) {
	part := remote.Request{Endpoint: req.Endpoint, Fields: req.Fields, Include: req.Include, Query: url.Values{}}
	if i.KeepQuery {
		if req.Query.Has(i.Param) {
			return part, fmt.Errorf("remote: endpoint %q: the declaration's Query has %s, where the ids go", req.Endpoint, i.Param)
		}
		maps.Copy(part.Query, req.Query)
	}
	maps.Copy(part.Query, i.Query)
	if i.Repeated {
		part.Query[i.Param] = ids
		return part, nil
	}
	texts := ids
	if i.Each != "" {
		texts = make([]string, len(ids))
		for n, id := range ids {
			texts[n] = strings.Replace(i.Each, "%s", id, 1)
		}
	}
	text := strings.Join(texts, i.join())
	if i.Filter != "" {
		text = strings.Replace(i.Filter, "%s", text, 1)
	}
	part.Query.Set(i.Param, text)
	return part, nil
}
