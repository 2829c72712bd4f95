// Package synced keeps tables of a service's own database in step with somebody
// else's paginated API.
//
// A service declares each model once, in code: [Synced] names the table, the
// scope, the API and the strategy, and the tags of its type parameter say which
// attribute goes into which column. [New] checks the declaration against the
// table, and gives a [Model]:
//
//	rentals, err := synced.New(ctx, db, synced.Synced[Rental]{
//		Table:    "rentals",
//		Scope:    "account_id",
//		API:      api,
//		Strategy: strategy.UpdatedSince{Tolerance: time.Minute},
//		Remove:   synced.Destroy{},
//	})
//	result, err := rentals.Synchronize(ctx, synced.In(account.ID))
//
// # Runs
//
// A run asks the remote for everything, or for what changed since the stored
// time of the scope, as the strategy decides. It fetches one page ahead of the
// one that it writes, and writes each in a short transaction: never is one open
// while a request is under way. A page's fingerprints are compared first, so that
// unchanged objects are neither mapped nor written. The last page, the removals
// and the time for the next run are committed together.
//
// What is gone remotely is removed where the declaration says so, and only when
// it is proven: listed as deleted by the remote, or absent from a pass that went
// from the first page to the last and saw as many records as the remote has.
//
// Two runs of different scopes may go on at once. A model, its API and its
// handlers are then used by several goroutines.
//
// # Parts
//
// Package strategy has the strategies, package timestamp says where the stored
// times are kept, package remote has the HTTP client, and store/postgres and
// store/sqlite the databases. Package outbox reads the changes that runs
// made. Package remote/remotetest is a fake API to test models against. Package mapper, with the errors about single attributes, and
// package report, with what runs return, are used mostly through this one.
package synced
