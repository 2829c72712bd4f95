// Package window cuts a span of time into the windows that an API lists at once. It asks
// nobody.
package window

import "time"

// Window is a span of time that is asked for at once.
type Window struct {
	From, Until time.Time
	// Old reports whether what changed later was asked for before it.
	Old bool
}

// Same reports whether two windows are asked for alike.
func (w Window) Same(other Window) bool {
	return w.From.Equal(other.From) && w.Until.Equal(other.Until)
}

// String returns the window as errors name it.
func (w Window) String() string {
	return "changes from " + w.From.UTC().Format(time.RFC3339) + " until " + w.Until.UTC().Format(time.RFC3339)
}

// Walk is the windows that a run asks for: from From on to Until, and then from OldUntil
// back to OldFrom.
type Walk struct {
	// Longest is the longest window.
	Longest time.Duration
	// Overlap is how long before the end of a window the next one begins, on the way
	// forwards. It is shorter than Longest.
	Overlap     time.Duration
	From, Until time.Time
	// OldFrom and OldUntil are zero where there is no way back.
	OldFrom, OldUntil time.Time
}

// First returns the first window.
func (w *Walk) First() Window { return w.forwards(w.From) }

// After returns the window that follows one, and whether there is one.
func (w *Walk) After(at Window) (next Window, more bool) {
	switch {
	case at.Old && at.From.After(w.OldFrom):
		return w.backwards(at.From), true
	case at.Old:
		return Window{}, false
	case at.Until.Before(w.Until):
		return w.forwards(at.Until.Add(-w.Overlap)), true
	case w.OldUntil.After(w.OldFrom):
		return w.backwards(w.OldUntil), true
	default:
		return Window{}, false
	}
}

func (w *Walk) forwards(from time.Time) Window {
	return Window{From: from, Until: earlier(from.Add(w.Longest), w.Until)}
}

func (w *Walk) backwards(until time.Time) Window {
	from := until.Add(-w.Longest)
	if from.Before(w.OldFrom) {
		from = w.OldFrom
	}
	return Window{From: from, Until: until, Old: true}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
