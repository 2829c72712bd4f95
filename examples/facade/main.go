// The facade is a public service in front of an application in a private network. Only the
// application connects; changes go both ways, at once, and the application decides conflicts.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/peer/live"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/sqlite"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	public, facade := side(ctx, live.Config{
		Authenticate: peer.Bearer(map[string]string{"application": "secret"}),
		LetDecide:    func(name string) bool { return name == "application" },
	})
	defer public.Close()
	private, application := side(ctx, live.Config{})
	defer private.Close()

	// The facade listens in public. The application connects, and connects again when it has to.
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	srv := &http.Server{Handler: facade, ReadHeaderTimeout: time.Minute}
	go srv.Serve(l)
	defer srv.Close()
	connected := make(chan error, 1)
	go func() {
		connected <- application.Connect(ctx, live.Target{URL: "ws://" + l.Addr().String(), Authorization: "Bearer secret", Decides: true}) // "wss://…" on the internet
	}()

	must(private.DB().ExecContext(ctx, "INSERT INTO cabins (name) VALUES ('Pine'), ('Oak')"))
	application.Hint() // after a commit: now, not with the next look at the journal
	fmt.Fprintln(out, "the public sees", await(ctx, public, "SELECT name FROM cabins ORDER BY name", "Oak, Pine"))

	must(public.DB().ExecContext(ctx, "INSERT INTO bookings (cabin_id, guest) SELECT id, 'Ada' FROM cabins WHERE name = 'Pine'"))
	facade.Hint()
	booked := "SELECT guest || ' in ' || name || ': ' || state FROM bookings JOIN cabins ON cabins.id = cabin_id"
	fmt.Fprintln(out, "the application gets", await(ctx, private, booked, "Ada in Pine: asked"))

	must(private.DB().ExecContext(ctx, "UPDATE bookings SET state = 'confirmed'"))
	application.Hint()
	fmt.Fprintln(out, "the guest sees", await(ctx, public, booked, "Ada in Pine: confirmed"))

	if err := application.Close(ctx); err != nil { // what is in flight arrives first
		return err
	}
	return <-connected
}

// side makes an installation: its database, the journal of its tables, and the node of its peer.
func side(ctx context.Context, c live.Config) (*sqlite.Store, *live.Node) {
	db := must(sqlite.Open(ctx, ":memory:", sqlite.Options{}))
	must(0, db.Migrate(ctx))
	must(db.DB().ExecContext(ctx, `CREATE TABLE cabins (id integer PRIMARY KEY AUTOINCREMENT, name text NOT NULL);
		CREATE TABLE bookings (id integer PRIMARY KEY AUTOINCREMENT, cabin_id integer NOT NULL REFERENCES cabins (id), guest text NOT NULL, state text NOT NULL DEFAULT 'asked')`))
	j := must(journal.Open(ctx, db, journal.Config{Tables: []journal.Table{{Name: "cabins"}, {Name: "bookings"}}}))
	must(0, j.Install(ctx))
	p := must(peer.New(ctx, db, j, peer.Config{Models: []peer.Model{{Table: "cabins"}, {Table: "bookings", Conflicts: peer.LocalWins}}}))
	return db, must(live.New(p, c))
}

// await waits until a query's rows are those that are wanted, up to a minute.
func await(ctx context.Context, db *sqlite.Store, query, want string) (got string) {
	for range 6000 {
		var list []string
		must(0, store.Each(ctx, db, squirrel.Expr(query), func(rows store.Rows) error {
			var text string
			err := rows.Scan(&text)
			list = append(list, text)
			return err
		}))
		if got = strings.Join(list, ", "); got == want {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return got
}

func must[V any](v V, err error) V {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
