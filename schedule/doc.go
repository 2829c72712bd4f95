// Package schedule runs models for their scopes, again and again: in one process, or in
// any number of them on one database. It needs nothing but the store.
//
//	accounts := func(ctx context.Context) iter.Seq2[synced.Scope, error] { … } // asked again every minute
//
//	bookings := schedule.Every(bookings, time.Minute, accounts)
//	bookings.Complete = 24 * time.Hour // finds deletions that incremental runs are not told of
//	s, err := schedule.New(ctx, db, schedule.Options{
//		Workers: 8,
//		Alert:   func(ctx context.Context, a schedule.Alert) error { return chat.Post(ctx, a.String()) },
//	}, bookings, schedule.Every(rentals, 5*time.Minute, accounts))
//	if err != nil {
//		return err
//	}
//	return s.Run(ctx) // until ctx ends
//
// # What runs when
//
// A scope that is new runs at once, and then at its entry's interval. Runs of many scopes
// are spread over the interval. Of what is due, the entry with the highest Priority runs
// first, and then what has been due for the longest time, as many as Options.Workers and
// Options.PerCredential let.
//
// A run that takes longer than Options.Slice ends at its next page, so that others have
// their turn, and goes on when they had it: a first run of hours blocks nobody.
//
// A model that belongs to others of the schedule runs after them in each scope: it waits
// while its parent runs, while its parent was due before it, and until its parent has had
// its first success. A parent that fails or is paused keeps nobody waiting.
//
// # When a run does not end well
//
// A scope whose run failed is tried again after a minute, then after two, four and so on,
// up to Options.MaxBackoff; one of which some parents failed, and others did not, at its
// interval. One whose remote said when to come back ([remote.WaitError])
// waits until then, which is no failure. One that another program runs right now ([synced.ErrRunning]) is tried
// again soon. Where the account's owner must consent again ([remote.ErrConsentNeeded]), the
// scope is paused, until [Schedule.Resume]. A panic of the service's code is an error of
// its run. None of it touches other scopes.
//
// # Many processes
//
// The table synced_schedules has a row for each model and scope. A process claims what it
// runs for as long as Options.Lease, and renews that; the claims of one that died run out.
// All decisions are made by the database's clock. A restart changes nothing about what is
// due when, or is paused.
//
// # What people have to look at
//
// Options.Alert is called once when a scope is stale, fails again and again, has a refused
// removal, needs consent, has records in quarantine, or lists nothing all of a sudden; and
// once when that has ended. [Schedule.List] has the state of all, for a status page.
package schedule

import (
	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
)

// They are named in the documentation.
var (
	_ = synced.ErrRunning
	_ = remote.ErrConsentNeeded
)
