// Package remotetest is a paginated API that runs in the test's own process, in
// the dialect of BookingSync's API v3 or another. Records are put, changed, deleted and moved
// from Go; pages, Link headers, updated_since, deleted ids and the server's clock
// follow. It needs no *testing.T, so a demo can run on it too.
//
//	srv := remotetest.New(remotetest.Config{Token: "secret"})
//	defer srv.Close()
//	srv.Collection("rentals").Put(remotetest.Record{"id": 1, "name": "Villa"})
//
//	api, err := rest.NewClient(rest.Config{BaseURL: srv.URL(), Auth: wire.Bearer("secret")})
//	rentals, err := synced.New(ctx, db, synced.Synced[Rental]{Table: "rentals", API: api})
//	result, err := rentals.Synchronize(ctx, synced.NoScope) // created: 1
//	srv.Collection("rentals").Delete(1)
//	result, err = rentals.Synchronize(ctx, synced.NoScope)  // removed: 1
//
// Time is virtual: it starts at [Start], each request moves it by [Config.Tick],
// and [Server.Advance] moves it further. So is chance: [Collection.Generate] draws from
// [Config.Seed]. The same test sees the same bytes every time.
//
// What the API is like is in [Config]: how its pages follow each other ([Style],
// ready-made as [StripeLike] and others), how it is asked for changes ([Since]),
// how it tells what was deleted ([Deletions]), where changes stand ([Positions]) and what
// happened ([Events]), where it wants credentials ([Auth]),
// how often it may be asked ([Limit]), whether a job writes its lists into files ([Export]),
// and what is odd about it ([Quirks]).
//
// Faults are scripted: [Fault] for single answers (a status,
// a body cut short, a reset connection), [Server.Script] for one after the other,
// [Server.Revoke] and [Server.Rename] for tokens, [Server.OnRequest] for data that
// changes while it is being read. [Converge] then asks for what a service needs in
// the end: that its rows equal the remote's records. A client that waits by [Server.Clock]
// does not really wait.
//
//	srv := remotetest.New(remotetest.Config{
//		Style:     remotetest.StripeLike,
//		Since:     remotetest.Since{Param: "updated_after", Format: remotetest.Unix, Exclusive: true},
//		Deletions: remotetest.Deletions{Tombstone: "deleted_at"},
//		Limit:     remotetest.Limit{Requests: 100, Headers: remotetest.RateLimit},
//		Quirks:    remotetest.Quirks{NewestFirst: true, ContentType: "text/plain"},
//	})
//	srv.Script(
//		remotetest.Fault{Page: 3, ResetAfter: 10_000},
//		remotetest.Fault{Status: 429, RetryAfter: 2 * time.Second, For: 2 * time.Second},
//	)
//	err := sync(ctx) // fails, or gets through
//	remotetest.Converge(t, srv.Collection("rentals"), sync, rows, "name", "price")
package remotetest
