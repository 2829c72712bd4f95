package rest

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// completed gives the URL of a next page the parameters back that it leaves out, where it
// can't stand for them: it is a position in the list, a page or an offset, and no token that
// may hold what was asked. Without them, later pages list what nobody asked for, or leave out
// what was. Seen at DataCite, JsonApiDotNetCore and others.
func completed(asked, next *url.URL) *url.URL {
	if asked.Path != next.Path || asked.Host != next.Host {
		return next
	}
	had, has := asked.Query(), next.Query()
	for name, values := range has {
		if !slices.Equal(values, had[name]) && slices.ContainsFunc(values, notPosition) {
			return next
		}
	}
	lacks := url.Values{}
	for name, values := range had {
		if !has.Has(name) {
			lacks[name] = values
		}
	}
	if len(lacks) == 0 {
		return next
	}
	whole := *next
	whole.RawQuery = strings.TrimPrefix(next.RawQuery+"&"+lacks.Encode(), "&")
	return &whole
}

// notPosition reports whether a value is none of a page, an offset and a size.
func notPosition(value string) bool {
	_, err := strconv.ParseUint(value, 10, 31)
	return err != nil
}
