package schedule

import (
	"time"

	"github.com/zeebo/xxh3"
)

// spread returns the first time after another that a grid has: one point an interval, of
// which a key has its own place.
func spread(after time.Time, interval time.Duration, key string) time.Time {
	phase := time.Duration(xxh3.HashString(key) % uint64(interval))
	n := (after.UnixNano() - int64(phase)) / int64(interval)
	return time.Unix(0, int64(phase)+(n+1)*int64(interval)).UTC()
}

// backoff returns how long to wait after a number of failures in a row. Random is from 0
// to 1.
func backoff(failures int, interval, most time.Duration, random float64) time.Duration {
	wait := min(interval, time.Minute, most)
	for ; failures > 1 && wait < most; failures-- {
		wait = min(2*wait, most)
	}
	return time.Duration(float64(wait) * (0.75 + random/2))
}
