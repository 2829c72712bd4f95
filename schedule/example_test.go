package schedule_test

import (
	"context"
	"fmt"
	"iter"
	"log"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
)

type Villa struct {
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
}

// Two accounts are kept in step, each with its own token.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	tokens := map[int64]string{1: "ann", 2: "bob"}
	for id, token := range tokens {
		srv.Account(token).Collection("villas").Put(remotetest.Record{"id": id, "name": "Villa of " + token})
	}
	db := must(sqlite.Open(ctx, ":memory:", sqlite.Options{}))
	defer db.Close()
	declared := synced.Synced[Villa]{
		Table: "villas", Scope: "account_id", Strategy: strategy.UpdatedSince{},
		APIFor: func(_ context.Context, account synced.Scope) (remote.API, error) {
			return rest.NewClient(rest.Config{BaseURL: srv.URL(), Auth: wire.Bearer(tokens[account.Value().(int64)])})
		},
	}
	must(0, db.Migrate(ctx))
	must(0, declared.CreateTable(ctx, db))
	villas := must(synced.New(ctx, db, declared))

	accounts := func(context.Context) iter.Seq2[synced.Scope, error] { // a service reads its table of accounts
		return func(yield func(synced.Scope, error) bool) {
			_ = yield(synced.In(1), nil) && yield(synced.In(2), nil)
		}
	}
	s := must(schedule.New(ctx, db, schedule.Options{Workers: 2}, schedule.Every(villas, 5*time.Minute, accounts)))

	running, stop := context.WithCancel(ctx)
	done := make(chan error)
	go func() { done <- s.Run(running) }()
	for ran := 0; ran < 2; time.Sleep(10 * time.Millisecond) {
		ran = 0
		for state, err := range s.List(ctx, "villas", synced.NoScope) {
			if must(state, err); !state.Succeeded.IsZero() {
				ran++
			}
		}
	}
	stop()
	must(0, <-done)

	for villa, err := range villas.All(ctx, synced.NoScope) {
		fmt.Println(must(villa, err).Name)
	}
	for state, err := range s.List(ctx, "", synced.NoScope) {
		fmt.Println(must(state, err).Model, state.Scope, state.Failures, "failures")
	}
	// Output:
	// Villa of ann
	// Villa of bob
	// villas 1 0 failures
	// villas 2 0 failures
}

func must[V any](v V, err error) V {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
