// Package remotetest is a paginated API that runs in the test's own process, in
// the dialect of BookingSync's API v3. Records are put, changed, deleted and moved
// from Go; pages, Link headers, updated_since, deleted ids and the server's clock
// follow. It needs no *testing.T, so a demo can run on it too.
//
//	srv := remotetest.New(remotetest.Config{Token: "secret"})
//	defer srv.Close()
//	srv.Collection("rentals").Put(remotetest.Record{"id": 1, "name": "Villa"})
//
//	api, err := remote.NewClient(remote.Config{BaseURL: srv.URL(), Auth: remote.Bearer("secret")})
//	rentals, err := synced.New(db, synced.Synced[Rental]{Table: "rentals", API: api})
//	result, err := rentals.Synchronize(ctx, synced.NoScope) // created: 1
//	srv.Collection("rentals").Delete(1)
//	result, err = rentals.Synchronize(ctx, synced.NoScope)  // removed: 1
//
// Time is virtual: it starts at [Start], each request moves it by [Config.Tick],
// and [Server.Advance] by more. So is chance: [Collection.Generate] draws from
// [Config.Seed]. The same test sees the same bytes every time.
//
// What goes wrong in the world is scripted: [Fault] for single answers (a status,
// a body cut short, a reset connection), [Quirks] for APIs that are like that,
// [Server.OnRequest] for data that changes while it is being read.
package remotetest
