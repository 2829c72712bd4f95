// Bookings is a small service that keeps rentals and bookings of its accounts in step with
// a booking system, and has what a service in production has: a schedule, alerts, metrics,
// webhooks, a health check, and commands for its operators.
//
//	go run . serve                 # SQLite, in bookings.db
//	go run . ops status            # meanwhile, in another terminal
//	go run . ops schedule pause rentals --scope 1
//	go run . -database postgres://… -river serve
//
// Without -api, the booking system is a fake in this process, whose bookings change while
// it serves.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced/cli"
	"github.com/syncedgo/synced/schedule"
)

// options are the flags, which stand before the command.
type options struct {
	database, api, listen string
	river                 bool
}

func main() {
	var o options
	flag.StringVar(&o.database, "database", "bookings.db", "an SQLite file, or postgres://user:password@host/database")
	flag.StringVar(&o.api, "api", "", "the URL of the booking system (default a fake in this process)")
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8080", "where serve listens for webhooks and health checks")
	flag.BoolVar(&o.river, "river", false, "serve runs the schedule as jobs of River, on PostgreSQL")
	flag.Parse()
	err := run(context.Background(), o, flag.Args(), os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bookings:", err)
	}
	os.Exit(cli.ExitCode(err))
}

func run(ctx context.Context, o options, args []string, out io.Writer) error {
	s, err := open(ctx, o)
	if err != nil {
		return errors.Join(err, s.close())
	}
	root := &cobra.Command{Use: "bookings", Short: "A service with a copy of its accounts' bookings", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(&cobra.Command{
		Use: "serve", Short: "Run the schedule, and listen for webhooks and health checks", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { // the commands below ops listen to signals themselves
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return s.serve(ctx, out, o)
		},
	})
	ops := cli.Command(cli.Registry{
		DB: s.db, Declared: []cli.Declaration{s.rental(), s.booking(nil)}, Schedule: s.settings(out),
		Models: func(ctx context.Context) ([]schedule.Entry, error) {
			if err := s.migrate(ctx); err != nil {
				return nil, err
			}
			return s.entries(ctx)
		},
	})
	ops.Use, ops.Short = "ops", "See, run and repair what is kept of the booking system"
	root.AddCommand(ops)
	root.SetArgs(args)
	root.SetOut(out)
	return errors.Join(root.ExecuteContext(ctx), s.close())
}
