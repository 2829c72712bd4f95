// Package engine runs strategies: each kind of run is a list of stages that fetch
// pages, accept what they say, write them in short transactions, remove what is
// proven to be gone, and keep the time.
package engine

import (
	"time"

	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// Call is what one run does, with everything settled that declaration, scope and
// call have a say in.
type Call struct {
	Scope any
	// Lock names the lock of the run, where it is not that of its scope.
	Lock string
	// Parent is the parent that a run asks for by itself, and Root the scope of the topmost
	// one; nil where it asks for all of them, or the model is not listed for each.
	Parent   *model.Listed
	Root     any
	Strategy strategy.Strategy
	API      remote.API // nil when records are given
	Request  remote.Request
	// Records are given by the caller, when Given.
	Records []remote.Object
	Given   bool
	// From and Until are the time to ask for in place of what the strategy does; zero
	// where it decides.
	From, Until time.Time
	// Filtered reports whether the request may leave out records that exist.
	Filtered bool
	Removal  model.Removal
	Atomic   bool
	// Checkpoint is how often an unfinished pass notes its position; negative is
	// never.
	Checkpoint time.Duration
	// DryRun finds out what the run would do, and writes nothing.
	DryRun bool
	// Stop, once it is closed, ends the run at the next page; nil never does.
	Stop <-chan struct{}
	// Wait is how long another run of the scope is waited for.
	Wait time.Duration
	// Changes is how many changed rows the result lists.
	Changes int
	// AllowRemoval lifts the guards against removing too much.
	AllowRemoval bool
}

// kind is what a run is. It is settled once it is known what the run asks for, and
// says what the run may believe and must note.
type kind int

const (
	// complete is a pass: it asks for everything itself and under the lock, so that
	// what is not listed may be gone.
	complete kind = iota + 1
	// incremental asks for what changed.
	incremental
	// given has the records of the caller, and asks no API.
	given
	// single writes one record, or a few, beside other runs.
	single
	// comparison finds differences, and writes nothing.
	comparison
)

// whole reports whether such a run may list all records.
func (k kind) whole() bool { return k == complete || k == comparison }

// kindOf settles what a run is.
func kindOf(call *Call, ask *model.Ask) kind {
	switch {
	case call.DryRun || ask.Compares:
		return comparison
	case call.Given:
		return given
	case ask.Everything():
		return complete
	default:
		return incremental
	}
}
