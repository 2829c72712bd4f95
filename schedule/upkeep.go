package schedule

import (
	"context"
	"time"

	"github.com/syncedgo/synced"
)

// upkeep cleans synced's own tables up.
type upkeep struct{ *Schedule }

// cleanEvery is how often it does so.
const cleanEvery = time.Hour

// run cleans up at once, and then again and again. Processes may do so beside each other.
func (u *upkeep) run(ctx context.Context) {
	if u.options.Keep < 0 {
		return
	}
	ticker := time.NewTicker(cleanEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if _, err := synced.CleanUp(ctx, u.db, u.options.Keep); err != nil && ctx.Err() == nil {
			u.options.Log.WarnContext(ctx, "synced: schedule: clean up", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}
