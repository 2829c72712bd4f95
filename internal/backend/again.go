package backend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// tries is how often a transaction is tried that the database gave up, and firstRest
// the rest before the second try, which doubles from then on, before jitter.
const (
	tries     = 6
	firstRest = 20 * time.Millisecond
)

// Again calls do, which works in one transaction from its beginning to its commit. It
// calls it again, some times with growing rests between, where the database gave the
// transaction up for the sake of others: a deadlock, a serialization failure.
func Again(ctx context.Context, db Beginner, do func() error) error {
	rest := firstRest
	for n := 1; ; n++ {
		err := do()
		if err == nil || ctx.Err() != nil || !db.GaveUp(err) {
			return err
		}
		if n == tries {
			return fmt.Errorf("in each of %d tries: %w: see which other statements use the same rows at once, in another order", tries, err)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(rest/2 + rand.N(rest)):
		}
		rest *= 2
	}
}
