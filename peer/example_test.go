package peer_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/sqlite"
)

// install makes an installation: its database, a journal of its tables, and a peer.
func install(ctx context.Context) (*sqlite.Store, *peer.Peer) {
	db := must(sqlite.Open(ctx, ":memory:", sqlite.Options{}))
	if err := db.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	must(db.DB().ExecContext(ctx, "CREATE TABLE visits (id integer PRIMARY KEY AUTOINCREMENT, place text NOT NULL, note text)"))
	j := must(journal.Open(ctx, db, journal.Config{Tables: []journal.Table{{Name: "visits"}}}))
	if err := j.Install(ctx); err != nil {
		log.Fatal(err)
	}
	return db, must(peer.New(ctx, db, j, peer.Config{Models: []peer.Model{{Table: "visits"}}}))
}

// A central service and an installation in the field, which is offline most of the time.
func Example() {
	ctx := context.Background()
	center, p := install(ctx)
	defer center.Close()
	handler := must(peer.NewHandler(p, peer.HandlerConfig{Authenticate: peer.Bearer(map[string]string{"van": "secret"})}))
	srv := httptest.NewServer(handler)
	defer srv.Close()

	field, own := install(ctx)
	defer field.Close()
	client := must(peer.NewClient(own, peer.ClientConfig{Wire: wire.Config{BaseURL: srv.URL, Auth: wire.Bearer("secret")}}))

	must(center.DB().ExecContext(ctx, "INSERT INTO visits (place) VALUES ('Paris'), ('Rome')"))
	must(field.DB().ExecContext(ctx, "INSERT INTO visits (place, note) VALUES ('Oslo', 'made offline')"))
	r := must(client.Exchange(ctx))
	fmt.Println("pushed", r.Pushed, "pulled", r.Pulled)

	// Both change one row, and a person decides.
	must(center.DB().ExecContext(ctx, "UPDATE visits SET note = 'ring twice' WHERE place = 'Rome'"))
	must(field.DB().ExecContext(ctx, "UPDATE visits SET note = 'nobody there' WHERE place = 'Rome'"))
	must(client.Exchange(ctx))
	for _, c := range must(p.Conflicts(ctx)) {
		fmt.Printf("%s: %v, or %v?\n", c.Ours["place"], c.Ours["note"], c.Theirs["note"])
		if err := p.Resolve(ctx, c.ID, peer.Theirs); err != nil {
			log.Fatal(err)
		}
	}
	must(client.Exchange(ctx))
	for _, db := range []*sqlite.Store{center, field} {
		print(ctx, db)
	}
	// Output:
	// pushed 1 pulled 2
	// Rome: ring twice, or nobody there?
	// [Oslo: made offline][Paris: ][Rome: nobody there]
	// [Oslo: made offline][Paris: ][Rome: nobody there]
}

func print(ctx context.Context, db *sqlite.Store) {
	err := store.Each(ctx, db, squirrel.Expr("SELECT place, coalesce(note, '') FROM visits ORDER BY place"), func(rows store.Rows) error {
		var place, note string
		err := rows.Scan(&place, &note)
		fmt.Printf("[%s: %s]", place, note)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println()
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
