package schedule

import (
	"context"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
)

// ahead is how long the database's time is told from this machine's.
const ahead = time.Minute

// clock tells the database's time without asking for it each time: that of this machine
// may be wrong, but it goes as fast.
type clock struct {
	// at was the database's time when this machine's was seen.
	at, seen time.Time
}

func (c *clock) set(now time.Time) { c.at, c.seen = now, time.Now() }

func (c *clock) now() time.Time { return c.at.Add(time.Since(c.seen)) }

// check asks the database where that was long ago.
func (c *clock) check(ctx context.Context, q backend.Querier) error {
	if !c.at.IsZero() && time.Since(c.seen) < ahead {
		return nil
	}
	now, err := ledger.Clock(ctx, q)
	if err == nil {
		c.set(now)
	}
	return err
}
