// Package synced keeps tables of a service's own database in step with another
// service's paginated API: to join, sort and search its objects, to answer when the API
// is down, and to stay inside its rate limit.
//
// Each model is declared once, in code: [Synced] names the table, the scope, the API
// and the strategy, and the tags of its type parameter say which attribute goes into
// which column. [New] checks the declaration against the table, and returns a
// [Model]. [Handle.Synchronize] brings one scope of it, such as an account, up to
// date:
//
//	api, err := rest.NewClient(rest.Config{BaseURL: "https://www.bookingsync.com/api/v3", Auth: wire.Bearer(token)})
//	db, err := sqlite.Open(ctx, "cache.db", sqlite.Options{}) // or postgres.New(pool, postgres.Options{})
//	err = db.Migrate(ctx)                                     // synced's own tables
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
// # Promises
//
// A run that finds nothing new writes nothing. Nothing is deleted that was not proven
// to be gone. No transaction is open while a request is under way. A run that dies
// keeps what it committed and loses nothing.
//
// # Runs
//
// A run asks the remote for everything, or for what changed since the stored time of
// the scope, as the strategy decides. It fetches a page, or several small ones, ahead of
// the one that it writes, and writes what has arrived in a short transaction. It compares a page's fingerprints
// first, so that unchanged objects are neither mapped nor written. The last page, the
// removals and the time for the next run are committed together.
//
// Rows are removed where the declaration says so, and only when their records are
// proven to be gone: the remote lists them as deleted, or a pass went from the first
// page to the last, saw as many records as the remote has, and did not see them.
//
// Runs of two scopes may go side by side. Several goroutines then use the model, its
// API and its handlers.
//
// # Packages
//
//   - strategy: what a run asks for, and timestamp: where the stored times are kept
//   - remote: what an API is, with adapters for a client of your own; remote/rest:
//     the HTTP client, remote/wire: its credentials, limits and retries, and
//     remote/oauth: tokens in the database
//   - store/postgres and store/sqlite: the databases
//   - outbox: reads the changes that runs made
//   - remote/remotetest: a fake API to test models against
//   - report: what runs return, and mapper: the errors about single attributes; both
//     are used mostly through this package
package synced
