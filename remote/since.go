package remote

import (
	"net/url"
	"time"
)

// Since is how an API is asked for what changed since a time. The zero value is
// updated_since=2026-01-31T12:00:00Z, answered with what changed at that time or
// after it.
type Since struct {
	// Param names the query parameter. Defaults to "updated_since".
	Param string
	// Format is how the time is written, as a layout of package time. What is finer
	// than the layout can tell is cut, never rounded up. Defaults to
	// [time.RFC3339], whole seconds.
	Format string
}

func (s Since) withDefaults() Since {
	setDefault(&s.Param, "updated_since")
	setDefault(&s.Format, time.RFC3339)
	return s
}

// set adds the parameter, where there is a time to ask from.
func (s Since) set(q url.Values, at time.Time) {
	if !at.IsZero() {
		q.Set(s.Param, at.UTC().Format(s.Format))
	}
}
