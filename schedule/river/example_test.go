package river_test

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/schedule/river"
	"github.com/syncedgo/synced/store/postgres"
)

// The same program runs on as many machines as there are.
func Example() {
	var serve = func(ctx context.Context, pool *pgxpool.Pool, rentals schedule.Model, accounts schedule.Scopes) error {
		db := postgres.New(pool, postgres.Options{})
		if err := db.Migrate(ctx); err != nil {
			return err
		}
		if err := river.Migrate(ctx, pool, river.Options{}); err != nil {
			return err
		}
		s, err := schedule.New(ctx, db, schedule.Options{Workers: 8}, schedule.Every(rentals, 5*time.Minute, accounts))
		if err != nil {
			return err
		}
		return river.Run(ctx, s, pool, river.Options{})
	}
	_ = serve // main calls it
}
