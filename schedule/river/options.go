package river

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/syncedgo/synced/schedule"
)

// Options are the settings of [Run]. What is left zero is the default. How many jobs run at
// once in a process, how long each goes on, and how a stop goes, say the schedule's own:
// Workers, Slice and Grace.
type Options struct {
	// Schema is the PostgreSQL schema of River's tables. Give it to nothing else, not even
	// to another use of River: its settings of rescue and retention are for these jobs.
	// Defaults to synced_river.
	Schema string
	// Timeout is how long a job may take. A run that has not ended by then is canceled, and
	// has failed: give more than the longest list takes that can't be resumed, see
	// synced.Call.Stop. Defaults to a quarter more than the schedule's Slice.
	Timeout time.Duration
}

// schemaName is what names a schema without quotes.
var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// filled returns the options with their defaults, or what is wrong with them.
func (o Options) filled(s schedule.Options) (Options, error) {
	o, err := o.named()
	if err != nil {
		return o, err
	}
	if o.Timeout == 0 && s.Slice < 0 {
		return o, errors.New("the schedule's runs have no slice, and the option Timeout is not given: give how long the longest run takes")
	}
	if o.Timeout == 0 {
		o.Timeout = s.Slice + s.Slice/4
	}
	if o.Timeout <= max(s.Slice, 0) {
		return o, fmt.Errorf("the option Timeout is %v: give more than the schedule's Slice, which is %v, so that a run can end at its next page", o.Timeout, s.Slice)
	}
	return o, nil
}

// named returns the options with a schema.
func (o Options) named() (Options, error) {
	o.Schema = cmp.Or(o.Schema, "synced_river")
	if !schemaName.MatchString(o.Schema) {
		return o, fmt.Errorf("the option Schema is %q: give a name of small letters, digits and _", o.Schema)
	}
	return o, nil
}

// rescue is after how long a job counts as one whose process has died.
func (o Options) rescue(s schedule.Options) time.Duration {
	return max(2*s.Slice, o.Timeout+o.Timeout/2)
}
