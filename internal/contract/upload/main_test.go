package upload_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/upload"
)

// variable has the task of a process that uploads or serves, and is killed.
const variable = "SYNCED_UPLOAD_TASK"

// task is what such a process does.
type task struct {
	Kind, Place string // of its database
	Server      string
	Changes     string
	// Address, where set, is the file for the address at which the process serves.
	Address string
}

func TestMain(m *testing.M) {
	text := os.Getenv(variable)
	if text == "" {
		os.Exit(testdb.Main(m))
	}
	if err := work(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// work uploads villas, or serves, until it is killed.
func work(text string) error {
	var of task
	if err := json.Unmarshal([]byte(text), &of); err != nil {
		return err
	}
	ctx := context.Background()
	var db store.Store
	if of.Kind == "postgres" {
		pool, err := pgxpool.New(ctx, of.Place)
		if err != nil {
			return err
		}
		db = postgres.New(pool, postgres.Options{})
	} else {
		file, err := sqlite.Open(ctx, of.Place, sqlite.Options{})
		if err != nil {
			return err
		}
		db = file
	}
	if of.Address != "" {
		return serve(db, of.Address)
	}
	c, err := upload.New(upload.Options{
		DB: db, URL: of.Server, Client: "acme", Database: "till", Token: tokens + "acme",
		Tables: []upload.Table{{Name: "villas", Changes: changesOf(of.Changes)}}, Largest: 200, Notes: 1000,
	})
	if err != nil {
		return err
	}
	for {
		_, _ = c.Step(ctx)
	}
}

// serve serves uploads into a database.
func serve(db store.Store, address string) error {
	h, err := upload.NewHandler(upload.HandlerOptions{DB: db, Allow: allow})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := os.WriteFile(address+".new", []byte("http://"+listener.Addr().String()), 0o600); err != nil {
		return err
	}
	if err := os.Rename(address+".new", address); err != nil {
		return err
	}
	return http.Serve(listener, h)
}

// changesOf returns a way to find changes by its name.
func changesOf(name string) upload.Changes {
	switch name {
	case "triggers":
		return upload.Triggers{}
	case "versions":
		return upload.Versions{Column: "version"}
	case "times":
		return upload.UpdatedAt{Column: "updated_at"}
	default:
		return upload.Fingerprints{}
	}
}

// ways are all names that changesOf takes.
var ways = []string{"triggers", "versions", "times", "fingerprints"}
