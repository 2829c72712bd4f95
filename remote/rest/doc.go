// Package rest lists the objects of an HTTP API that answers in JSON pages. One
// struct literal, [Config], describes the API; its zero values are the API v3 of
// BookingSync. docs/apis.md has one for each common kind of API.
//
//	api, err := rest.NewClient(rest.Config{
//		BaseURL:    "https://api.github.com/repos/golang/go",
//		Auth:       wire.Bearer(token),
//		RecordsKey: rest.Root,
//		Since:      rest.Since{Param: "since"},
//	})
//
// Everything that is not understood is an error. A list that ends without one is
// taken for whole, and what it does not name may be removed, so nothing is
// guessed: not a Link header, not a clock, not a missing list of records.
package rest
