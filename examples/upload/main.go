// Upload is a till and a server that keeps a copy of its bookings, in one program: an
// hour, with a step a minute, in a few seconds. Edits and deletions come up,
// a row that the server can't take is told, and in the end both tables are proven equal.
//
// Read on in till.go, which is what happens at the till, and server.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/upload"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "upload:", err)
		os.Exit(1)
	}
}

// run opens two databases in a temporary folder, and lets an hour pass.
func run(ctx context.Context, w io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "upload")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	local, err := open(ctx, filepath.Join(folder, "till.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, local.Close()) }()
	remote, err := open(ctx, filepath.Join(folder, "server.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remote.Close()) }()

	url, stop, err := serve(ctx, remote)
	if err != nil {
		return err
	}
	defer stop()
	t, err := newTill(ctx, local)
	if err != nil {
		return err
	}
	uploads, err := upload.New(upload.Options{
		DB: local, URL: url, Client: "acme", Database: "till-1", Token: token,
		Tables: []upload.Table{{Name: "bookings", Changes: upload.Triggers{}}},
	})
	if err != nil {
		return err
	}
	if err := uploads.Migrate(ctx); err != nil {
		return err
	}
	for minute := range 60 {
		if err := t.work(minute); err != nil {
			return err
		}
		results, err := uploads.Step(ctx)
		if err != nil {
			return err
		}
		tell(w, minute, results[0])
	}
	if _, err := uploads.Finish(ctx); err != nil {
		return err
	}
	return prove(ctx, w, local, remote)
}

func open(ctx context.Context, path string) (*sqlite.Store, error) {
	db, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err == nil {
		err = db.Migrate(ctx)
	}
	return db, err
}

// tell prints what a step did.
func tell(w io.Writer, minute int, r upload.Result) {
	if r.Uploaded+r.Removed+len(r.Refused) > 0 {
		fmt.Fprintf(w, "minute %2d: %d changes noted, %d rows uploaded, %d deleted, %d requests, %d bytes\n",
			minute, r.Noted, r.Uploaded, r.Removed, r.Requests, r.Bytes)
	}
	for _, row := range r.Refused {
		fmt.Fprintf(w, "minute %2d: the server refuses row %s: %s\n", minute, row.Key, row.Why)
	}
}
