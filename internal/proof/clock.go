package proof

import "time"

// farAhead is how far the remote's clock may be ahead of ours. A time after it would
// make later runs ask for nothing, for as long.
const farAhead = 24 * time.Hour

// FarAhead reports whether a time may not be stored, since it is so far ahead.
func FarAhead(at time.Time) bool { return at.After(time.Now().Add(farAhead)) }
