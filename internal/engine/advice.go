package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/syncedgo/synced/report"
)

// adviser is an error about a value of a record that says what may be changed; "" where
// its text does.
type adviser interface {
	error
	Advice() string
}

// advised adds to the error of a run what may be done about the record that ended it.
func (t told) advised(err error) error {
	where, ok := err.(*report.Error)
	if !ok {
		return err
	}
	advice, ok := errors.AsType[adviser](where.Err)
	if !ok {
		if text := aboutTables(where.Err); text != "" {
			with := *where
			with.Err = fmt.Errorf("%w; %s", where.Err, text)
			return &with
		}
		return err
	}
	text := ""
	if change := advice.Advice(); change != "" {
		text = "; " + change
	}
	if !t.m.Quarantine.On && t.call != "Remap" { // which puts nothing there
		text += ", or set Invalid: synced.Quarantine{}"
	}
	with := *where
	with.Err = fmt.Errorf("%w%s", where.Err, text)
	return &with
}

// aboutTables says what may be done where the database no longer has what New found, does
// not let the run have it, or takes no writes; "" for other errors. PostgreSQL tells by SQLSTATE, see
// its documentation, appendix A; SQLite by its message alone.
func aboutTables(err error) string {
	state, text := "", err.Error()
	if coded, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		state = coded.SQLState()
	}
	missing := state == "42P01" || strings.Contains(text, "no such table: ")
	switch {
	case missing && strings.Contains(text, "synced_"):
		return "if that is a table of synced's own, call Migrate on the store, opened with the Schema and Prefix that it has, and see whether the connection's search_path is the same each time"
	case missing, state == "42703", state == "42883", state == "42804", strings.Contains(text, "no such column: "), strings.Contains(text, "has no column named "):
		return "the tables are no longer what synced.New found: call it again, as by a restart, with a declaration that fits"
	case state == "42501" && strings.Contains(text, "row-level security"):
		return "give the role policies that let it see and write every row of the scope, or BYPASSRLS"
	case state == "42501":
		return "grant the role what it lacks: a run needs SELECT, INSERT, UPDATE and DELETE on the model's tables and on synced's own, and USAGE of their schemas and sequences"
	case state == "25006", strings.Contains(text, "attempt to write a readonly database"):
		return "the database takes no writes there: open the store on the primary, not on a replica, and see default_transaction_read_only, or who may write the file"
	case state == "57014" && strings.Contains(text, "statement timeout"):
		return "raise statement_timeout for the role of the runs: they have their own bounds, by the context and the client's Timeout"
	case state == "55P03":
		return "another transaction holds what the run needs: end it, or raise lock_timeout for the role of the runs"
	case state == "53100", strings.Contains(text, "database or disk is full"):
		return "make room on the disk: what was committed stands, and the next run goes on"
	default:
		return ""
	}
}

// alive is the error of a run whose context has ended before it began.
func alive(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: the context had ended before anything was done: give one that lasts as long as the run", err)
	}
	return nil
}
