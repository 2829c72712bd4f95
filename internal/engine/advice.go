package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/syncedgo/synced/report"
)

// adviser is an error about a value of a record that says what may be changed; "" where
// its text does.
type adviser interface {
	error
	Advice() string
}

// advised adds to the error of a run what may be done about the record that ended it.
func (r *run) advised(err error) error {
	where, ok := err.(*report.Error)
	if !ok {
		return err
	}
	advice, ok := errors.AsType[adviser](where.Err)
	if !ok {
		return err
	}
	text := ""
	if change := advice.Advice(); change != "" {
		text = "; " + change
	}
	if !r.m.Quarantine.On {
		text += ", or set Invalid: synced.Quarantine{}"
	}
	with := *where
	with.Err = fmt.Errorf("%w%s", where.Err, text)
	return &with
}

// alive is the error of a run whose context has ended before it began.
func alive(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: the context had ended before anything was done: give one that lasts as long as the run", err)
	}
	return nil
}
