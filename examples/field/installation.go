package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/remote/wire"
)

// installation is one place where the service runs: a database of its own, and a peer.
type installation struct {
	name, title string
	db          *sql.DB
	peer        *peer.Peer
	client      *peer.Client
	close       func() error
}

// newInstallation opens a database, as a service does when it starts.
func newInstallation(ctx context.Context, name, url string) (*installation, error) {
	d, err := openDatabase(ctx, url)
	if err != nil {
		return nil, err
	}
	i := &installation{name: name, title: "The center, on " + d.title + ",", db: d.handle, close: d.close}
	if err := i.open(ctx, d); err != nil {
		_ = d.close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return i, nil
}

func (i *installation) open(ctx context.Context, d *database) error {
	if err := d.store.Migrate(ctx); err != nil { // synced's own tables
		return err
	}
	if err := i.exec(ctx, "CREATE TABLE visits (id "+d.key+", customer text NOT NULL, note text NOT NULL)"); err != nil {
		return err
	}
	j, err := journal.Open(ctx, d.store, journal.Config{Tables: []journal.Table{{Name: "visits"}}})
	if err != nil {
		return err
	}
	if err := j.Install(ctx); err != nil {
		return err
	}
	i.peer, err = peer.New(ctx, d.store, j, peer.Config{Models: []peer.Model{{Table: "visits"}}})
	return err
}

// tokens are what the field shows to the center. A service has them in its settings.
var tokens = map[string]string{"north": "secret of north", "south": "secret of south"}

// serve is the center: it answers on a port of this machine.
func (i *installation) serve() (url string, stop func(), err error) {
	handler, err := peer.NewHandler(i.peer, peer.HandlerConfig{Authenticate: peer.Bearer(tokens)})
	if err != nil {
		return "", nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}

// connect is an installation in the field: it knows where the center is.
func (i *installation) connect(url string) (err error) {
	i.client, err = peer.NewClient(i.peer, peer.ClientConfig{Wire: wire.Config{BaseURL: url, Auth: wire.Bearer(tokens[i.name])}})
	return err
}

// exchange sends and gets what is new, and tells it.
func (i *installation) exchange(ctx context.Context, w io.Writer) error {
	r, err := i.client.Exchange(ctx)
	if err == nil {
		fmt.Fprintf(w, "  %s exchanges: %d sent, %d received\n", i.name, r.Pushed, r.Pulled)
	}
	return err
}

// exec is what the service writes itself, on its own handle.
func (i *installation) exec(ctx context.Context, statement string) error {
	_, err := i.db.ExecContext(ctx, statement)
	return err
}

// visits reads the table.
func (i *installation) visits(ctx context.Context) (list []string, err error) {
	rows, err := i.db.QueryContext(ctx, "SELECT customer || ': ' || note FROM visits ORDER BY customer")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, rows.Err()
}
