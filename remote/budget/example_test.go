package budget_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/syncedgo/synced/remote/budget"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store/sqlite"
)

// Two limiters, as two processes have them, make 10 requests a second together.
func Example() {
	ctx := context.Background()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	db := must(sqlite.Open(ctx, ":memory:", sqlite.Options{}))
	defer db.Close()
	must(0, db.Migrate(ctx))

	start := time.Now()
	for range 2 {
		shared := must(budget.New(db, budget.Config{Credential: "the key of account 42", PerSecond: 10}))
		limiter := wire.NewLimiter(wire.LimiterConfig{Budget: shared})
		client := must(wire.NewClient(wire.Config{BaseURL: srv.URL, Limiter: limiter}))
		for range 2 {
			must(client.Do(ctx, &wire.Request{URL: client.URL("bookings")}))
		}
	}
	fmt.Println("4 requests took 300 ms at least:", time.Since(start) > 300*time.Millisecond)
	// Output:
	// 4 requests took 300 ms at least: true
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}
