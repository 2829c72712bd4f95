package rest

import "time"

// Text is the time as it is sent.
func (s Since) Text(at time.Time) string { return s.withDefaults().text(at) }
