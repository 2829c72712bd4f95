package model

import (
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// WindowOf returns the span of time that one request of an API may ask for, and whether
// the API takes an end of it.
func WindowOf(api remote.API) (w remote.Window, ends bool) {
	if of, ok := api.(remote.Windower); ok {
		return of.Window()
	}
	return w, false
}

// CheckWindow finds strategies, the declared one and that of a run, that can't go together
// with an API that lists windows of time, or does not.
func CheckWindow(declared, called strategy.Strategy, perRecord bool, api remote.API) error {
	w, _ := WindowOf(api)
	u, since := asUpdatedSince(called)
	if w.Longest == 0 {
		if since && u.NewestFirst {
			return errors.New("NewestFirst is for an API that lists windows of time, and this one does not: set rest.Since.Window, or leave it out")
		}
		return nil
	}
	if _, position := asked(called).(strategy.Position); position {
		return fmt.Errorf("the API lists at most %s of changes at once (rest.Since.Window), which strategy %s does not ask for: use strategy.UpdatedSince, or an API without Window", w.Longest, called)
	}
	if !since {
		u, since = asUpdatedSince(declared)
	}
	switch {
	case !since, u.Initial.IsZero() && u.InitialFor == nil:
		return fmt.Errorf("the API lists at most %s of changes at once (rest.Since.Window), so that the first run must know where to begin: declare strategy.UpdatedSince with Initial, the time of the oldest change", w.Longest)
	case u.Retention > 0:
		return errors.New("the API lists windows of time (rest.Since.Window), which never prove that a record is gone: leave Retention out")
	case tolerance(u) >= w.Longest:
		return fmt.Errorf("the tolerance, %s, is as long as the longest window of the API, %s: give less", tolerance(u), w.Longest)
	case u.NewestFirst && perRecord:
		return errors.New("NewestFirst needs timestamp.PerScope, which can keep how far back the changes were asked for")
	}
	return nil
}

// asked returns a strategy as a value.
func asked(s strategy.Strategy) strategy.Strategy {
	if p, ok := s.(*strategy.Position); ok {
		return *p
	}
	return s
}

// errNoBeginning is the error of a scope without a time to begin at.
var errNoBeginning = errors.New("the API lists windows of time (rest.Since.Window), and strategy.UpdatedSince.InitialFor returned no time for this scope: return that of its oldest change")

// Begins returns where a run that asks for everything begins, of an API that lists
// windows of time.
func (m *Model) Begins(called strategy.Strategy, scope any) (time.Time, error) {
	ask := Asks(called, time.Time{}, scope)
	if !ask.StoresTime {
		ask = Asks(m.Strategy, time.Time{}, scope)
	}
	if ask.Begins.IsZero() {
		return ask.Begins, errNoBeginning
	}
	return ask.Begins, nil
}
