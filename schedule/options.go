package schedule

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Options are the settings of a [Schedule]. What is left zero is the default.
type Options struct {
	// Workers is how many scopes run at once in this process. Defaults to 4.
	Workers int
	// PerCredential is how many run at once with one credential, in all processes of the
	// database: see [Entry].Credential. Defaults to 2.
	PerCredential int
	// Slice is how long a run goes on before it makes room for others that are due: it ends
	// at its next page, and goes on when it is its turn again, also in another process: after
	// all that is due by then, whatever its priority. See
	// synced.Call.Stop for what lists that can't be resumed do. Defaults to 1 minute;
	// negative lets each run go on to its end.
	Slice time.Duration
	// MaxBackoff is the longest wait after a run that failed. The first is a minute, or
	// the entry's interval where that is shorter, and each is twice the one before, give or
	// take a quarter by chance. Defaults to 1 hour.
	MaxBackoff time.Duration
	// Lease is how long a scope waits whose process has died while it ran it. Defaults to
	// 30 seconds; at least 1 second.
	Lease time.Duration
	// Poll is how often a process that has nothing to do looks for what others have
	// changed, such as a [Schedule.RunNow]. Defaults to 5 seconds.
	Poll time.Duration
	// Refresh is how often each entry's scopes are asked for again, and how often each
	// process looks for scopes that are stale, and for alerts that nobody was told of.
	// Defaults to 1 minute.
	Refresh time.Duration
	// Grace is how long the runs that are under way have to end at their next page when
	// [Schedule.Run] is told to stop. Then they are canceled, and Run waits 10 seconds more
	// for their end, or as long as Lease where that is shorter. Defaults to 30 seconds;
	// negative cancels them at once.
	Grace time.Duration
	// Alert, where set, is called once when something needs people, and once when that
	// has ended: see [Alert]. Where it returns an error, or panics, it is called again
	// after Refresh. It is not called concurrently, by all processes of the database
	// together, and has 30 seconds. A process that is killed while it is called may have
	// it called once more.
	Alert func(ctx context.Context, a Alert) error
	// Keep is how long what is of no use any longer is kept in synced's own tables, such as
	// changes that all consumers of the outbox have had: [synced.CleanUp] is called with it
	// when Run begins, and every hour. Defaults to a week; negative never cleans up.
	Keep time.Duration
	// Failing is after how many failed runs in a row a scope counts as [Failing]. Defaults
	// to 3.
	Failing int
	// Log gets what the schedule itself has to say: a line at level Warn where the
	// database or an iterator of scopes fails, or an alert can't be told. The runs log as
	// their models say. Defaults to slog.Default.
	Log *slog.Logger
}

// filled returns the options with their defaults, or what is wrong with them.
func (o Options) filled() (Options, error) {
	for name, n := range map[string]int{"Workers": o.Workers, "PerCredential": o.PerCredential, "Failing": o.Failing} {
		if n < 0 {
			return o, fmt.Errorf("the option %s is %d: give a positive number, or 0 for the default", name, n)
		}
	}
	for name, d := range map[string]time.Duration{"MaxBackoff": o.MaxBackoff, "Lease": o.Lease, "Poll": o.Poll, "Refresh": o.Refresh} {
		if d < 0 {
			return o, fmt.Errorf("the option %s is %v: give a positive duration, or 0 for the default", name, d)
		}
	}
	o.Workers, o.PerCredential, o.Failing = cmp.Or(o.Workers, 4), cmp.Or(o.PerCredential, 2), cmp.Or(o.Failing, 3)
	o.Slice, o.MaxBackoff, o.Lease = cmp.Or(o.Slice, time.Minute), cmp.Or(o.MaxBackoff, time.Hour), cmp.Or(o.Lease, 30*time.Second)
	o.Poll, o.Refresh, o.Grace = cmp.Or(o.Poll, 5*time.Second), cmp.Or(o.Refresh, time.Minute), cmp.Or(o.Grace, 30*time.Second)
	o.Keep = cmp.Or(o.Keep, 7*24*time.Hour)
	o.Log = cmp.Or(o.Log, slog.Default())
	if o.Lease < time.Second {
		return o, fmt.Errorf("the option Lease is %v: give at least a second, so that it can be renewed", o.Lease)
	}
	return o, nil
}
