package upload_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/upload"
)

// variable has the task of a process that uploads, and is killed.
const variable = "SYNCED_UPLOAD_TASK"

// task is what such a process does.
type task struct {
	Kind, Place string // of the local database
	Server      string
	Changes     string
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

// work uploads villas until it is killed.
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
