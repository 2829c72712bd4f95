package declare

import (
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/strategy"
)

// checkContent finds what can't be had of records that only their content tells apart: one
// that changed is another one, and no remote can be asked for one of them.
func checkContent(d *Declaration, p *plan.Plan) error {
	if !p.ByContent() {
		return nil
	}
	switch {
	case d.Expand != 0:
		return errors.New("with Expand each record is asked for by its id, and where its content is the id, no remote can be asked: leave Expand out, or name the attributes that are the id")
	case d.Partial:
		return errors.New("with Partial an object leaves out what did not change, so its content can't be the remote id: leave Partial out, or name the attributes that are the id")
	case d.Remove.Verify == model.VerifyAlways:
		return errors.New("absent records can't be asked for where the content of a record is its id: use another Verify")
	}
	return checkWhole(d.Strategy)
}

// checkWhole finds a strategy that does not ask for everything, where the content of a record
// is its id.
func checkWhole(s strategy.Strategy) error {
	if ask := model.Asks(s, time.Time{}, nil); ask.StoresTime || ask.KeepsPosition {
		return fmt.Errorf("strategy %s: where the content of a record is its id, a list of what changed does not tell which rows are old: use strategy.Full{}", s)
	}
	return nil
}
