// Package rawquery edits the query of a URL and leaves the rest as it is written,
// in its order: some remotes know nothing else again.
package rawquery

import (
	"net/url"
	"strings"
)

// With returns u with a parameter set.
func With(u *url.URL, name, value string) *url.URL {
	next := Without(u, func(n, _ string) bool { return n == name })
	if next.RawQuery != "" {
		next.RawQuery += "&"
	}
	next.RawQuery += url.QueryEscape(name) + "=" + url.QueryEscape(value)
	return next
}

// Without returns u without the parameters that drop reports.
func Without(u *url.URL, drop func(name, value string) bool) *url.URL {
	var kept []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if pair == "" || drop(Unescape(name), Unescape(value)) {
			continue
		}
		kept = append(kept, pair)
	}
	next := *u
	next.RawQuery = strings.Join(kept, "&")
	return &next
}

// Unescape reads a part of a query. One that is not well written stands for itself.
func Unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
