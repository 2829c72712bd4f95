package twoway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

// taskVariable tells the test binary to be a server, which is killed.
const taskVariable = "SYNCED_TWOWAY_SERVER"

// serverTask is what a server is told: its store, and where that is.
type serverTask struct{ Kind, Where string }

// program is the main function of a server. It prints its address.
func program(text string) int {
	if err := serve(context.Background(), text); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return 1
}

func serve(ctx context.Context, text string) error {
	var task serverTask
	if err := json.Unmarshal([]byte(text), &task); err != nil {
		return err
	}
	db, err := openAt(ctx, task)
	if err != nil {
		return err
	}
	c := journal.Config{Tables: []journal.Table{{Name: "tags"}}}
	j, err := journal.Open(ctx, db, c)
	if err != nil {
		return err
	}
	p, err := peer.New(ctx, db, j, peer.Config{Models: []peer.Model{{Table: "tags", SameKeys: true}}})
	if err != nil {
		return err
	}
	h, err := peer.NewHandler(p, peer.HandlerConfig{Authenticate: peer.Bearer(map[string]string{"field": "token"})})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	return http.Serve(l, h)
}

func openAt(ctx context.Context, task serverTask) (backend.Store, error) {
	if task.Kind == "sqlite" {
		db, err := sqlite.Open(ctx, task.Where, sqlite.Options{})
		if err != nil {
			return nil, err
		}
		return db.Backend(), nil
	}
	pool, err := pgxpool.New(ctx, task.Where)
	if err != nil {
		return nil, err
	}
	return postgres.New(pool, postgres.Options{}).Backend(), nil
}
