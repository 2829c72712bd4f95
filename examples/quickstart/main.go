// Quickstart keeps the rentals of two accounts in step with a booking system: a
// first run, a run that fetches only what changed, a check that finds a local
// mistake, and a run that mends it. It needs nothing but Go: the booking system
// is a fake in this process, and the database a SQLite file in a temporary
// folder.
//
// Read on in rental.go: the declaration is all that a service has to write. The
// others are what a demonstration needs: api.go is the fake, database.go opens what
// -database names, options.go reads the flags, print.go writes the lines.
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
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/strategy"
)

func main() {
	// SIGPIPE is for "quickstart | head": the program would end on the spot, and
	// leave its temporary folder behind.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for the clean-up
	err := run(ctx, os.Args[1:], os.Stdout)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run is the program. Rows that are out of step with the remote are an error too.
func run(ctx context.Context, args []string, w io.Writer) (err error) {
	opts, err := parse(args, w)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}

	db, err := openDatabase(ctx, opts.database)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer func() {
		if closing := db.close(); closing != nil {
			err = errors.Join(err, fmt.Errorf("clean up: %w", closing))
		}
	}()
	api := startBookingSystem(opts.records)
	defer api.Close()
	out := &printer{w: w}
	out.line("API       %s, a fake with %d accounts of %d rentals", api.URL(), len(accounts), opts.records)
	out.line("Database  %s", db.name)
	out.line("Table     rentals, made from its declaration in rental.go")

	// What a service does when it starts: bring synced's own tables up to date,
	// have a table that fits the declaration, and bind the two.
	if err := db.store.Migrate(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	bar := out.progress("first run", len(accounts)*opts.records)
	declared := declaration(api.URL(), bar.add)
	if err := declared.CreateTable(ctx, db.store); err != nil {
		return err
	}
	rentals, err := synced.New(ctx, db.store, declared)
	if err != nil {
		return err
	}

	out.heading("1. First run: nothing is here yet, so everything is fetched")
	results, err := synchronize(ctx, rentals)
	bar.done()
	if err != nil {
		return err
	}
	out.results(results)
	some, err := firstRows(ctx, rentals, 2)
	if err != nil {
		return err
	}
	out.rows("Some of the rows, by rentals.All:", some)

	out.heading("2. An hour later, the booking system has changed")
	changed := api.change()
	for i, c := range changed {
		out.line("   account %d: updated %d rentals, created %d, deleted %d",
			accounts[i].id, len(c.updated), len(c.created), len(c.deleted))
	}

	out.heading("3. Next run: it asks for what changed since the first, and gets nothing else")
	if results, err = synchronize(ctx, rentals); err != nil {
		return err
	}
	out.results(results)
	if some, err = findRows(ctx, rentals, accounts[0], changed[0].updated, changed[0].created, changed[0].deleted); err != nil {
		return err
	}
	out.rows("One of each kind in account 17, by rentals.Find:", some)
	if last := some[len(some)-1]; last.CanceledAt != nil {
		out.line("   The last is gone remotely; its row stays, canceled_at %s.", last.CanceledAt.Format(time.DateTime))
	}

	out.heading("4. Somebody edits a row by hand")
	victim, account := changed[1].created[0], accounts[1]
	edit := fmt.Sprintf("UPDATE rentals SET price = '1.00', notes = 'asked for a discount'\n"+
		"WHERE account_id = %d AND synced_id = %d", account.id, victim)
	out.block(edit)
	if err := db.exec(ctx, edit); err != nil {
		return fmt.Errorf("edit a row: %w", err)
	}

	out.heading("5. Check: compare every row with the remote, and write nothing")
	if _, err := check(ctx, rentals, out); err != nil {
		return err
	}
	out.line("   The notes are the service's own: no run compares or writes them.")

	out.heading("6. Full run: look at every row once more, and mend what differs")
	if results, err = synchronize(ctx, rentals, synced.Call{Strategy: strategy.Full{}}); err != nil {
		return err
	}
	out.results(results)
	mended, err := rentals.Find(ctx, synced.In(account.id), victim)
	if err != nil {
		return err
	}
	out.line("   Now its price is %s, and its notes are still %q.", mended.Price, mended.Notes)

	out.heading("7. Check again")
	passed, err := check(ctx, rentals, out)
	if err != nil {
		return err
	}
	count, err := countRows(ctx, rentals)
	if err != nil {
		return err
	}
	if want := api.count(); !passed || count != want {
		return fmt.Errorf("out of step: %d rentals here, %d in the booking system; see the check above", count, want)
	}
	out.line("")
	out.line("in step: %d accounts, %d rentals equal the remote's", len(accounts), count)
	return out.err
}

// synchronize runs all accounts, one after the other.
func synchronize(ctx context.Context, rentals *synced.Model[Rental], call ...synced.Call) ([]synced.Result, error) {
	var results []synced.Result
	for _, account := range accounts {
		result, err := rentals.Synchronize(ctx, synced.In(account.id), call...)
		if err != nil {
			return nil, err
		}
		if result.Refused != nil {
			return nil, fmt.Errorf("account %d: %s", account.id, result.Refused)
		}
		results = append(results, result)
	}
	return results, nil
}

// check compares all accounts, and says whether nothing differs for certain.
func check(ctx context.Context, rentals *synced.Model[Rental], out *printer) (passed bool, err error) {
	passed = true
	for _, account := range accounts {
		diff, err := rentals.Check(ctx, synced.In(account.id))
		if err != nil {
			return false, err
		}
		out.block(diff.String())
		passed = passed && diff.Passed() && diff.Doubt == ""
	}
	return passed, nil
}

// firstRows reads the first rows of each account.
func firstRows(ctx context.Context, rentals *synced.Model[Rental], each int) ([]Rental, error) {
	var rows []Rental
	for _, account := range accounts {
		left := each
		for rental, err := range rentals.All(ctx, synced.In(account.id)) {
			if err != nil {
				return nil, err
			}
			rows = append(rows, rental)
			if left--; left == 0 {
				break
			}
		}
	}
	return rows, nil
}

// findRows reads the row with the first remote id of each list, where it has one.
func findRows(ctx context.Context, rentals *synced.Model[Rental], account account, lists ...[]int64) ([]Rental, error) {
	var rows []Rental
	for _, ids := range lists {
		if len(ids) == 0 {
			continue
		}
		rental, err := rentals.Find(ctx, synced.In(account.id), ids[0])
		if err != nil {
			return nil, err
		}
		rows = append(rows, rental)
	}
	return rows, nil
}

// countRows counts the rows that were not canceled.
func countRows(ctx context.Context, rentals *synced.Model[Rental]) (int, error) {
	count := 0
	for rental, err := range rentals.All(ctx, synced.NoScope) {
		if err != nil {
			return 0, err
		}
		if rental.CanceledAt == nil {
			count++
		}
	}
	return count, nil
}
