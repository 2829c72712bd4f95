package schedule

import (
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/plural"
	"github.com/syncedgo/synced/internal/shown"
)

// Cause is why people have to look at a scope.
type Cause string

// The causes.
const (
	// Stale: the scope had no success for as long as its entry's Stale. A paused one is not
	// stale.
	Stale Cause = "stale"
	// Failing: as many runs in a row have failed as Options.Failing says.
	Failing Cause = "failing"
	// RemovalRefused: rows were not removed, as Result.Refused says. It ends when a later
	// run removes or keeps them, or the removal is approved.
	RemovalRefused Cause = "removal refused"
	// ConsentNeeded: the account's owner must consent again. The scope is paused until
	// [Schedule.Resume], and the cause ends with the next success.
	ConsentNeeded Cause = "consent needed"
	// Quarantined: the scope has records in quarantine. It ends when there are none.
	Quarantined Cause = "quarantined"
	// ListedNothing: the remote listed nothing at all, and there are rows, as with bad
	// credentials. It ends when a run receives a record.
	ListedNothing Cause = "listed nothing"
)

// Alert is a cause that has come up, or has ended. Where one fault, such as an API that is
// down, fails many scopes, each has its alert, and all have one Group. To be told of the
// fault once when it begins and once when it ends, pass over those that have Others:
//
//	Alert: func(ctx context.Context, a schedule.Alert) error {
//		if a.Others > 0 {
//			return nil
//		}
//		return chat.Post(ctx, a.String())
//	}
type Alert struct {
	Cause Cause
	// Ended reports whether it has ended, also because the scope is gone.
	Ended bool
	// Group is the cause with what is at fault: "failing: api.example.com is unavailable",
	// "failing: the credential 42", "removal refused: rentals". It is the same from the
	// beginning to the end.
	Group string
	// Others is how many other scopes have an alert of that group which has not ended, of
	// all models of the schedule.
	Others int
	// Text is what is wrong, in one line; "" where it has ended.
	Text string
	// State is that of the scope.
	State State
}

// String is the alert in one line.
func (a Alert) String() string {
	of := a.State.Model
	if scope := a.State.Scope.String(); scope != "" {
		of += " (" + scope + ")"
	}
	if a.Ended {
		return fmt.Sprintf("%s: no longer %s", of, a.Cause)
	}
	return fmt.Sprintf("%s: %s: %s", of, a.Cause, a.Text)
}

// causes returns why people have to look at a scope, each with its text. Stale is after
// how long it is stale, and failing how many failures are told.
func causes(s State, added time.Time, now time.Time, stale time.Duration, failing int) map[Cause]string {
	found := map[Cause]string{}
	last := s.Succeeded
	if last.IsZero() {
		last = added
	}
	if age := now.Sub(last); age > stale && s.Paused == "" {
		found[Stale] = fmt.Sprintf("no success since %s, for %v", last.UTC().Format(time.RFC3339), age.Round(time.Second))
		if s.Error != "" {
			found[Stale] += ": " + s.Error
		}
	}
	if s.Failures >= failing {
		found[Failing] = fmt.Sprintf("%s in a row failed: %s", plural.Of(s.Failures, "run"), s.Error)
	}
	if s.Refused != "" {
		found[RemovalRefused] = s.Refused
	}
	if s.ConsentNeeded {
		found[ConsentNeeded] = s.Error
	}
	if s.Quarantined > 0 {
		found[Quarantined] = plural.Of(s.Quarantined, "record") + " in quarantine"
	}
	if s.ListedNothing {
		found[ListedNothing] = "the remote listed nothing, and there are rows: check the credentials"
	}
	return found
}

// groupOf names what a cause of a scope has in common with that of others.
func groupOf(cause Cause, s ledger.Scheduled) string {
	switch cause {
	case Stale, Failing, ConsentNeeded:
		if s.Fault == "" { // nothing ran, or an earlier program noted it
			return string(cause)
		}
		return shown.Text(string(cause) + ": " + s.Fault)
	default:
		return shown.Text(string(cause) + ": " + s.Model)
	}
}
