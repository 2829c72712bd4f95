package journal

import (
	"context"
	"errors"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// TriggerName is how the names of all triggers of the journal begin.
const TriggerName = backend.JournalTrigger

// Schema returns the DDL of the triggers of all tables that are watched by triggers, for a
// service that runs its migrations itself. All of it may be run again. It fits the tables
// as they were when the journal was opened.
func (j *Journal) Schema() string {
	ddl := j.sql.install()
	for _, d := range j.all.watched(Triggers) {
		ddl += j.sql.triggers(d)
	}
	return ddl
}

// Install makes the triggers that [Journal.Schema] returns, where they are missing or not
// as declared. Call it after the service's migrations. Many processes may do so at once.
//
// A table that was altered since keeps its changes: on PostgreSQL those of new columns as
// well. On SQLite a new column is not in the journal before Install, and a column can't be
// dropped before [Journal.Uninstall], which the error of SQLite tells by the trigger's name.
func (j *Journal) Install(ctx context.Context) error {
	err := j.check(ctx)
	if errors.Is(err, ErrNotInstalled) {
		if err = j.db.Create(ctx, j.Schema()); err == nil {
			err = j.check(ctx)
		} else if refused, ok := errors.AsType[interface {
			error
			SQLState() string
		}](err); ok && refused.SQLState() == "42501" {
			err = fmt.Errorf("%w: this role may not make triggers: let the owner of the tables run the SQL of Schema", err)
		}
	}
	if err != nil {
		return fmt.Errorf("synced: journal: install: %w", err)
	}
	return nil
}

// Uninstall drops the triggers. The journal stays, with all that it has.
func (j *Journal) Uninstall(ctx context.Context) error {
	j.checked.Store(false)
	ddl := ""
	for _, d := range j.all.watched(Triggers) {
		ddl += j.sql.drop(d)
	}
	if err := j.db.Create(ctx, ddl); err != nil {
		return fmt.Errorf("synced: journal: uninstall: %w", err)
	}
	return nil
}

// ErrNotInstalled is the error of a journal whose triggers are missing, disabled, or not as
// declared.
var ErrNotInstalled = errors.New("the triggers are not as declared")

// Check looks at the tables again, and returns an [ErrNotInstalled] where their triggers are
// missing, disabled, or not those that fit the declaration and the columns of now. Changes
// may be missing in the journal then, those of columns that were added at least.
func (j *Journal) Check(ctx context.Context) error {
	if err := j.check(ctx); err != nil {
		return fmt.Errorf("synced: journal: %w", err)
	}
	return nil
}

func (j *Journal) check(ctx context.Context) error {
	j.checked.Store(false)
	if err := j.all.look(ctx); err != nil {
		return err
	}
	var right, some bool
	for _, d := range j.all.watched(Triggers) {
		if _, err := store.One(ctx, j.db, j.sql.installed(d), &right, &some); err != nil {
			return err
		}
		switch {
		case right:
		case some:
			return fmt.Errorf("table %q: %w: one is missing, disabled, or older than the table or the declaration: call Install", d.Name, ErrNotInstalled)
		default:
			return fmt.Errorf("table %q: %w: there are none: call Install", d.Name, ErrNotInstalled)
		}
	}
	if _, err := store.One(ctx, j.db, j.sql.base(), &right); err != nil {
		return err
	}
	if !right {
		return fmt.Errorf("%w: nothing was installed yet: call Install", ErrNotInstalled)
	}
	j.checked.Store(true)
	return nil
}
