// Cli is a service's own program with the commands of synced below it:
//
//	go run ./cli ops migrate
//	go run ./cli ops sync
//	go run ./cli ops status
//	go run ./cli ops check --json | go run ./cli ops apply -
//
// It keeps the rentals and bookings of two accounts in bookings.db, or the file that
// DATABASE names. The booking system is a fake in this process.
package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/cli"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/store/sqlite"
)

// Rental is a house that is let.
type Rental struct {
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
	Sleeps    int    `json:"sleeps" db:"sleeps"`
}

// Booking is a stay in a rental.
type Booking struct {
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Guest     string `json:"guest" db:"guest"`
}

func main() {
	err := run(context.Background(), os.Args[1:], cmp.Or(os.Getenv("DATABASE"), "bookings.db"), os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bookings:", err)
	}
	os.Exit(cli.ExitCode(err))
}

func run(ctx context.Context, args []string, file string, out io.Writer) error {
	srv := bookingSystem()
	defer srv.Close()
	db, err := sqlite.Open(ctx, file, sqlite.Options{})
	if err != nil {
		return err
	}
	defer db.Close()

	apiFor := func(_ context.Context, scope synced.Scope) (remote.API, error) {
		return rest.NewClient(rest.Config{BaseURL: srv.URL(), Auth: wire.Bearer("token " + scope.String())})
	}
	rental := synced.Synced[Rental]{Table: "rentals", Scope: "account_id", APIFor: apiFor, Remove: synced.Destroy{}, Invalid: synced.Quarantine{}}
	booking := synced.Synced[Booking]{Table: "bookings", Scope: "account_id", APIFor: apiFor, Remove: synced.Destroy{}}

	ops := cli.Command(cli.Registry{
		DB:       db,
		Declared: []cli.Declaration{rental, booking},
		Models: func(ctx context.Context) ([]schedule.Entry, error) {
			// A service has its tables from its migrations: see the command schema.
			if err := rental.CreateTable(ctx, db); err != nil {
				return nil, err
			}
			if err := booking.CreateTable(ctx, db); err != nil {
				return nil, err
			}
			rentals, err := synced.New(ctx, db, rental)
			if err != nil {
				return nil, err
			}
			bookings, err := synced.New(ctx, db, booking)
			if err != nil {
				return nil, err
			}
			accounts := schedule.Fixed(synced.In(1), synced.In(2))
			return []schedule.Entry{schedule.Every(rentals, 5*time.Minute, accounts), schedule.Every(bookings, time.Minute, accounts)}, nil
		},
	})
	ops.Use, ops.Short = "ops", "See and repair what is kept of the booking system"

	service := &cobra.Command{Use: "bookings", Short: "A service", SilenceErrors: true, SilenceUsage: true}
	service.AddCommand(ops)
	service.SetArgs(args)
	service.SetOut(out)
	return service.ExecuteContext(ctx)
}

// bookingSystem is a fake with two accounts.
func bookingSystem() *remotetest.Server {
	srv := remotetest.New(remotetest.Config{})
	for account := 1; account <= 2; account++ {
		of := srv.Account(fmt.Sprintf("token %d", account))
		for n := 1; n <= 3; n++ {
			id := 100*account + n
			of.Collection("rentals").Put(remotetest.Record{"id": id, "name": fmt.Sprintf("Villa %d", id), "sleeps": 2 * n})
			of.Collection("bookings").Put(remotetest.Record{"id": id, "guest": fmt.Sprintf("Guest %d", n)})
		}
	}
	return srv
}
