// Field is a central service and two installations in the field, which are often offline. All
// plan and make visits; what they write meets when they are connected, and a visit that two of
// them changed waits for a person.
//
// Read on in installation.go: that is what a service has to write. The center is on SQLite, or
// on the PostgreSQL that -database names, in a schema that is dropped at the end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/peer"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	database := flag.String("database", "", "URL of a PostgreSQL database for the center (default SQLite in memory)")
	flag.Parse()
	if err := run(ctx, *database, os.Stdout); err != nil {
		stop()
		log.Fatal(err)
	}
}

func run(ctx context.Context, database string, w io.Writer) (err error) {
	center, err := newInstallation(ctx, "center", database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, center.close()) }()
	url, stop, err := center.serve()
	if err != nil {
		return err
	}
	defer stop()
	all := []*installation{center}
	for _, name := range []string{"north", "south"} {
		field, err := newInstallation(ctx, name, "")
		if err == nil {
			defer field.close()
			err = field.connect(url)
		}
		if err != nil {
			return err
		}
		all = append(all, field)
	}
	north, south := all[1], all[2]
	fmt.Fprintf(w, "%s serves %s.\nNorth and south are on SQLite. They make all connections.\n", center.title, url)

	sql := func(i *installation, statement string) func() error {
		return func() error { return i.exec(ctx, statement) }
	}
	exchange := func(i *installation) func() error { return func() error { return i.exchange(ctx, w) } }
	for _, part := range []struct {
		title string
		steps []func() error
	}{
		{"1. The center plans visits, and the field gets them.", []func() error{
			sql(center, "INSERT INTO visits (customer, note) VALUES ('Ada', 'planned'), ('Bob', 'planned')"),
			exchange(north), exchange(south),
		}},
		{"2. Both are offline. Each works on the visit of Ada, and on something else.", []func() error{
			sql(north, "UPDATE visits SET note = 'meter 4711' WHERE customer = 'Ada'"),
			sql(north, "INSERT INTO visits (customer, note) VALUES ('Cleo', 'by chance')"),
			sql(south, "UPDATE visits SET note = 'nobody home' WHERE customer = 'Ada'"),
			sql(south, "UPDATE visits SET note = 'done' WHERE customer = 'Bob'"),
		}},
		{"3. They connect. Two changed the visit of Ada: nothing is overwritten.", []func() error{
			exchange(north), exchange(south), exchange(north),
		}},
		{"4. Somebody at the center takes both, and all get the decision.", []func() error{
			func() error { return decide(ctx, w, center) },
			exchange(north), exchange(south),
		}},
	} {
		fmt.Fprintf(w, "\n%s\n", part.title)
		for _, step := range part.steps {
			if err := step(); err != nil {
				return err
			}
		}
		for _, i := range all {
			rows, err := i.visits(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "  %-7s %s\n", i.name, strings.Join(rows, "; "))
		}
	}
	return inStep(ctx, w, all)
}

// decide shows the conflicts, and takes what both sides wrote.
func decide(ctx context.Context, w io.Writer, center *installation) error {
	conflicts, err := center.peer.Conflicts(ctx)
	for _, c := range conflicts {
		if err == nil {
			fmt.Fprintf(w, "  conflict about %s: was %q, is %q here, %q there\n", c.Ours["customer"], c.Base["note"], c.Ours["note"], c.Theirs["note"])
			err = center.peer.Resolve(ctx, c.ID, peer.Row(journal.Row{"note": fmt.Sprint(c.Ours["note"], ", ", c.Theirs["note"])}))
		}
	}
	return err
}

// inStep checks that all have the same visits, and says so.
func inStep(ctx context.Context, w io.Writer, all []*installation) error {
	want, err := all[0].visits(ctx)
	for _, i := range all {
		rows, failed := i.visits(ctx)
		open, unread := i.peer.Conflicts(ctx)
		if err = errors.Join(err, failed, unread); err == nil && (len(open) > 0 || !slices.Equal(rows, want)) {
			err = fmt.Errorf("%s has %v, and %d conflicts; the center has %v", i.name, rows, len(open), want)
		}
	}
	if err == nil {
		fmt.Fprintf(w, "\nin step: %d installations have the same %d visits, and no conflict is open\n", len(all), len(want))
	}
	return err
}
