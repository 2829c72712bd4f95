package model

import (
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/strategy"
)

// Ask is what a strategy makes of a stored time: what one run asks for.
type Ask struct {
	// Since is the time to ask from. Zero asks for everything: only then is what
	// the remote does not list gone. Otherwise, it is gone when the remote says so.
	Since time.Time
	// Until is the end of what to ask for; zero is none.
	Until time.Time
	// Begins is where the first run begins to ask, and Tolerance how far before the stored
	// time later ones do. NewestFirst reports whether it asks backwards.
	Begins      time.Time
	Tolerance   time.Duration
	NewestFirst bool
	// Complete is why the run asks for everything although there is a stored time.
	// It is empty otherwise.
	Complete string
	// StoresTime reports whether the run reads and stores the remote's time, from
	// the first of these sources that has one.
	StoresTime bool
	Sources    []strategy.TimeSource
	// KeepsPosition reports whether the run reads and stores the remote's position, and
	// Position is the one to ask from. Empty asks for everything.
	KeepsPosition bool
	Position      string
	// Compares reports whether the run writes nothing and reports the differences.
	Compares bool
}

// Everything reports whether the run asks for all that there is.
func (a *Ask) Everything() bool { return a.Since.IsZero() && a.Position == "" }

// Asks returns what a run of a strategy asks for, given the stored time of the
// scope, which is zero when there is none.
func Asks(s strategy.Strategy, stored time.Time, scope any) Ask {
	if u, ok := asUpdatedSince(s); ok {
		return updatedSince(u, stored, scope)
	}
	switch s.(type) {
	case strategy.Position, *strategy.Position:
		return Ask{KeepsPosition: true}
	case strategy.Check, *strategy.Check:
		return Ask{Compares: true}
	default:
		return Ask{}
	}
}

// asUpdatedSince returns the settings of an updated-since strategy. A pointer to one
// is one, too.
func asUpdatedSince(s strategy.Strategy) (strategy.UpdatedSince, bool) {
	switch s := s.(type) {
	case strategy.UpdatedSince:
		return s, true
	case *strategy.UpdatedSince:
		return *s, true
	default:
		return strategy.UpdatedSince{}, false
	}
}

// AsksSince reports whether a strategy asks for what changed since a time.
func AsksSince(s strategy.Strategy) bool {
	_, since := asUpdatedSince(s)
	return since
}

// updatedSince asks from the later of the stored and the initial time, less the
// tolerance.
func updatedSince(u strategy.UpdatedSince, stored time.Time, scope any) Ask {
	since := stored
	initial := u.Initial
	if initial.IsZero() && u.InitialFor != nil {
		initial = u.InitialFor(scope)
	}
	if initial.After(since) {
		since = initial
	}
	if !since.IsZero() {
		since = since.Add(-tolerance(u))
	}
	ask := Ask{Since: since, StoresTime: true, Tolerance: tolerance(u), NewestFirst: u.NewestFirst, Sources: append([]strategy.TimeSource{strategy.RemoteClock{}}, u.Fallbacks...)}
	if !initial.IsZero() {
		ask.Begins = initial.Add(-tolerance(u))
	}
	if u.Retention > 0 && !stored.IsZero() && time.Since(since) > u.Retention {
		ask.Since, ask.Complete = time.Time{}, fmt.Sprintf("the remote knows of %s, and %s is longer ago", u.Retention, since.Format(time.RFC3339))
	}
	return ask
}

// tolerance is how far before a time the strategy asks from.
func tolerance(u strategy.UpdatedSince) time.Duration {
	if u.Tolerance == 0 {
		return strategy.DefaultTolerance
	}
	return max(u.Tolerance, 0)
}

// CheckStrategy finds mistakes in a strategy's settings: a retention that is no longer
// than the tolerance, two initial times, and invalid fallbacks.
func CheckStrategy(s strategy.Strategy) error {
	u, ok := asUpdatedSince(s)
	if !ok {
		return nil
	}
	if wide := tolerance(u); u.Retention < 0 || u.Retention > 0 && u.Retention <= wide {
		return fmt.Errorf("retention %s: give more than the tolerance, %s, or leave it out", u.Retention, wide)
	}
	if !u.Initial.IsZero() && u.InitialFor != nil {
		return errors.New("both Initial and InitialFor are set: keep one")
	}
	for _, source := range u.Fallbacks {
		if err := checkSource(source); err != nil {
			return err
		}
	}
	return nil
}

func checkSource(source strategy.TimeSource) error {
	switch s := source.(type) {
	case nil:
		return errors.New("a fallback is nil: use strategy.ResponseDate, LargestValue or LocalClock")
	case strategy.RemoteClock, strategy.ResponseDate:
	case strategy.LargestValue:
		if s.Attribute == "" {
			return errors.New("LargestValue names no attribute: name the one that has the time of a record's last change, such as strategy.LargestValue{Attribute: \"updated_at\"}")
		}
		if _, err := attribute.Parse(s.Attribute); err != nil {
			return fmt.Errorf("LargestValue: %w", err)
		}
	case strategy.LocalClock:
		if s.Margin < 0 {
			return fmt.Errorf("LocalClock margin %s is negative: it moves the stored time back, so give 0 or more", s.Margin)
		}
	default:
		return fmt.Errorf("a fallback is a %T: use a value, not a pointer", s)
	}
	return nil
}

// AgesIn returns how old a stored time may become by itself: at most so long, and half of
// what the remote knows of.
func (m *Model) AgesIn(most time.Duration) time.Duration {
	if u, ok := asUpdatedSince(m.Strategy); ok && u.Retention > 0 {
		return min(most, u.Retention/2)
	}
	return most
}
