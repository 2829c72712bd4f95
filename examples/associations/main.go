// Associations keeps rentals with what is nested in their objects: photos, as
// rows of a table of their own, and headlines in several languages.
//
//	go -C examples run ./associations
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
)

// Rental is the parent.
type Rental struct {
	ID       int64               `db:"id"` // what photos and translations point to
	SyncedID int64               `json:"id" db:"synced_id"`
	Name     string              `json:"name" db:"name"`
	Headline synced.Translations `json:"headline" db:"headline" synced:"translated"` // rows of rentals_translations
}

// Photo is one of a rental's.
type Photo struct {
	SyncedID int64               `json:"id" db:"synced_id"`
	RentalID int64               `db:"rental_id" synced:"parent"`
	URL      string              `json:"url" db:"url"`
	Caption  synced.Translations `json:"caption" db:"caption"` // a JSON column
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	rentals := srv.Collection("rentals")
	rentals.PutRaw(`{"id": 1, "name": "Villa Rosa", "headline": {"en": "By the sea", "fr": "Face à la mer"}, "photos": [
		{"id": 11, "url": "https://example.com/sea.jpg", "caption": {"en": "The sea"}},
		{"id": 12, "url": "https://example.com/pool.jpg", "caption": {}}]}`)
	rentals.PutRaw(`{"id": 2, "name": "Casa Verde", "headline": {"en": "In the hills", "fr": null}, "photos": []}`)

	db, err := sqlite.Open(ctx, ":memory:", sqlite.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	model, err := declare(ctx, db, srv.URL())
	if err != nil {
		return err
	}
	if err := syncAndPrint(ctx, out, db, model); err != nil {
		return err
	}

	// The remote drops a photo and a language.
	rentals.PutRaw(`{"id": 1, "name": "Villa Rosa", "headline": {"en": "By the sea"}, "photos": [
		{"id": 11, "url": "https://example.com/sea.jpg", "caption": {"en": "The sea"}}]}`)
	return syncAndPrint(ctx, out, db, model)
}

// declare declares both models, and creates their tables.
func declare(ctx context.Context, db *sqlite.Store, url string) (*synced.Model[Rental], error) {
	api, err := rest.NewClient(rest.Config{BaseURL: url})
	if err != nil {
		return nil, err
	}
	photo := synced.Synced[Photo]{Table: "photos"}
	if err := photo.CreateTable(ctx, db); err != nil {
		return nil, err
	}
	photos, err := synced.New(ctx, db, photo)
	if err != nil {
		return nil, err
	}
	rental := synced.Synced[Rental]{
		Table:        "rentals",
		API:          api,
		Strategy:     strategy.Full{},
		Remove:       synced.Destroy{},
		Associations: []synced.Association{synced.HasMany(photos, "photos", "rental_id")},
	}
	if err := rental.CreateTable(ctx, db); err != nil {
		return nil, err
	}
	return synced.New(ctx, db, rental)
}

// joined is what a service would ask: a rental, a language, and how many photos.
const joined = `SELECT r.name, coalesce(t.headline, e.headline, '') AS headline,
	(SELECT count(*) FROM photos p WHERE p.rental_id = r.id) AS photos
	FROM rentals r
	LEFT JOIN rentals_translations t ON t.parent_id = r.id AND t.locale = 'fr'
	LEFT JOIN rentals_translations e ON e.parent_id = r.id AND e.locale = 'en'
	ORDER BY r.synced_id`

// syncAndPrint runs once, and prints the tables as one.
func syncAndPrint(ctx context.Context, out io.Writer, db *sqlite.Store, model *synced.Model[Rental]) error {
	result, err := model.Synchronize(ctx, synced.NoScope)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "rentals:     ", result.Counts)
	fmt.Fprintln(out, "photos:      ", result.Children["photos"])
	fmt.Fprintln(out, "translations:", result.Children["rentals_translations"])

	rows, err := db.DB().QueryContext(ctx, joined)
	if err != nil {
		return err
	}
	defer rows.Close()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  name\theadline\tphotos")
	for rows.Next() {
		var name, headline string
		var photos int
		if err := rows.Scan(&name, &headline, &photos); err != nil {
			return err
		}
		fmt.Fprintf(w, "  %s\t%s\t%d\n", name, headline, photos)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return w.Flush()
}
