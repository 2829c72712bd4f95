package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/upload"
)

// token is that of acme. A server has its own way to tell who asks.
const token = "token-of-acme"

// serve starts the server on a free port.
func serve(ctx context.Context, remote *sqlite.Store) (url string, stop func(), err error) {
	handler, err := upload.NewHandler(upload.HandlerOptions{DB: remote, Allow: allow})
	if err != nil {
		return "", nil, err
	}
	if err := handler.Migrate(ctx); err != nil {
		return "", nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }() // until Close
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}

// allow lets acme have its own databases.
func allow(r *http.Request, client, _ string) error {
	switch {
	case r.Header.Get("Authorization") != "Bearer "+token:
		return upload.ErrUnauthenticated
	case client != "acme":
		return errors.New("another's")
	default:
		return nil
	}
}

// prove compares the till's table with the server's, row by row.
func prove(ctx context.Context, w io.Writer, local, remote *sqlite.Store) error {
	theirs := upload.Copy{DB: remote, Table: "upload_bookings", Where: acmes{}}
	differences := 0
	for difference, err := range upload.Compare(ctx, upload.Copy{DB: local, Table: "bookings"}, theirs) {
		if err != nil {
			return err
		}
		differences++
		fmt.Fprintln(w, difference)
	}
	if differences > 0 {
		return fmt.Errorf("%d rows differ", differences)
	}
	fmt.Fprintln(w, "both tables have the same rows")
	return nil
}

// acmes is the condition for the rows of acme's till, among those of all clients.
type acmes struct{}

func (acmes) ToSql() (string, []any, error) {
	return "upload_client = ? AND upload_database = ?", []any{"acme", "till-1"}, nil
}
