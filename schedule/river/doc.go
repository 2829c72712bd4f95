// Package river runs a schedule as jobs of River, a queue of jobs in PostgreSQL
// (github.com/riverqueue/river), on as many machines as there are. The registration and the
// table of states are those of package schedule; only Run is another:
//
//	s, err := schedule.New(ctx, db, schedule.Options{Workers: 8}, schedule.Every(rentals, 5*time.Minute, accounts))
//	…
//	err = river.Migrate(ctx, pool, river.Options{}) // beside db.Migrate
//	…
//	return river.Run(ctx, s, pool, river.Options{}) // in place of s.Run(ctx)
//
// Package schedule alone shares its work between processes too. Take this one where River
// is what you operate: its dashboard shows what waits and runs, and its errors what failed.
//
// # How it works
//
// One process at a time is River's leader. Every Options.Poll of the schedule it inserts a
// tick, a job that asks for scopes, tells of alerts, and makes a job of each model and
// scope that is due. There is one job at a time for what is due; one that comes too late
// finds nothing to do. A model with 10,000 scopes or more has jobs of about 50.
//
// A worker claims the scope in synced_schedules, as schedule.Run does, renews that while it
// runs, and notes when it is due again: priorities, parents, credentials, backoff, pauses
// and alerts are decided there, and RunNow and Pause work as ever. A run is a slice of the
// schedule's Slice. A job is never tried again by River. One whose run failed is discarded, with the
// error; one whose remote said when to come back is snoozed until then.
//
// # When a process dies
//
// What it ran is run by others when its claim has run out, after the schedule's Lease. What
// it had just taken from the queue, and not claimed yet, waits until River rescues it: twice
// the Slice after it was taken, and up to 30 seconds. No scope is blocked for longer than
// that.
//
// # The table of jobs
//
// Finished jobs are kept for a minute, those that failed for an hour. So the table has
// about as many rows as there are runs in two minutes. River removes finished jobs every
// 30 seconds.
package river
