package absent

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/remote"
)

// Asking asks an API for single records that may be gone, beside controls: records
// that are known to exist.
type Asking struct {
	Getter  remote.Getter
	Request remote.Request
	Model   *model.Model
	// Cost is that of all questions, controls included.
	Cost cost.Cost

	hit    backend.ID   // the control that was found
	others []backend.ID // further controls
	second bool         // another of them was found
	why    string       // why the answer for a control was unclear, or ""
	unable bool         // no address of one record is known
}

// Fate is what was learnt of a record.
type Fate struct {
	// Gone reports whether it is proven that there is no such record, Exists whether
	// the remote has it, as Object.
	Gone, Exists bool
	Object       remote.Object
}

// maxUnclear is how many records in a row may have no clear answer before the control
// is asked for again. Where that one is unclear too, the asking ends.
const maxUnclear = 5

// Each asks for records, and returns what became of each, in their order, and why
// those that neither are gone nor exist stay unknown. The error is that of a context
// that ended.
func (a *Asking) Each(ctx context.Context, controls, ids []backend.ID) (fates []Fate, why string, err error) {
	fates = make([]Fate, len(ids))
	if len(controls) == 0 {
		return fates, NoControl, nil
	}
	var inquiry proof.Inquiry
	if !a.control(ctx, &inquiry, controls) {
		return fates, a.uncontrolled(), ctx.Err()
	}
	a.others = slices.DeleteFunc(slices.Clone(controls), func(id backend.ID) bool { return id == a.hit })
	row := 0
	for i, id := range ids {
		answer, o, reason := a.ask(ctx, id)
		if err := ctx.Err(); err != nil {
			return fates, "", fmt.Errorf("verify that records are gone: %w", err)
		}
		inquiry.Record(i, answer, reason)
		if fates[i] = (Fate{Exists: answer == proof.Hit, Object: o}); answer != proof.Unclear {
			row = 0
		} else if row++; row == maxUnclear {
			if row = 0; !a.control(ctx, &inquiry, controls) {
				break
			}
		}
	}
	a.control(ctx, &inquiry, controls)
	gone, why := inquiry.Gone()
	for _, i := range gone {
		fates[i].Gone = true
	}
	if why == proof.NoControl {
		why = a.uncontrolled()
	}
	return fates, why, ctx.Err()
}

// NoControl is why nothing is proven where no other record is known to exist.
const NoControl = "no record is known to exist that could be asked for beside it, so that a missing one proves nothing"

// uncontrolled is why nothing is proven where the control was not found: what was said of
// it, and what to declare.
func (a *Asking) uncontrolled() string {
	switch {
	case a.unable:
		return "the remote can't be asked whether they exist: " + a.why + ", or how records are listed by ids (rest.Config.IDs)"
	case a.why != "":
		return proof.NoControl + "; " + a.why
	}
	return proof.NoControl + fmt.Sprintf("; say where one record of %q is (rest.Config.Record), or how absent ones are verified", a.Request.Endpoint)
}

// control asks for records that are known to exist, until one is found: another may
// have been deleted meanwhile.
func (a *Asking) control(ctx context.Context, inquiry *proof.Inquiry, controls []backend.ID) bool {
	for _, id := range controls {
		answer, _, why := a.ask(ctx, id)
		a.why = why
		inquiry.Control(answer)
		if answer == proof.Hit {
			a.hit = id
			return true
		}
	}
	return false
}

// tells reports whether the remote tells records apart that are asked for one by one:
// where the control is what it answers with in place of another, a second control must
// be found.
func (a *Asking) tells(ctx context.Context) bool {
	for len(a.others) > 0 && !a.second {
		id := a.others[0]
		a.others = a.others[1:]
		answer, _, _ := a.ask(ctx, id)
		a.second = answer == proof.Hit
	}
	return a.second
}

// isBare is why an answer is no record.
const isBare = "the answer has none of the attributes that the model reads"

// ask asks for one record.
func (a *Asking) ask(ctx context.Context, id backend.ID) (answer proof.Answer, o remote.Object, why string) {
	o, err := a.Cost.Get(ctx, a.Getter, a.Request, id.String())
	switch {
	case errors.Is(err, remote.ErrNotFound):
		return proof.Miss, o, ""
	case errors.Is(err, remote.ErrNoAddress):
		a.unable = true
		return proof.Unclear, o, model.Shown(ctx, err)
	case err != nil:
		return proof.Unclear, o, "record " + id.String() + ": " + model.Shown(ctx, err)
	}
	got, err := a.Model.Plan.ID(o)
	switch {
	case err != nil:
		return proof.Unclear, o, "record " + id.String() + ": " + model.Shown(ctx, err)
	case got == id && a.Model.Tombstone != nil && a.Model.Tombstone(o):
		return proof.Miss, o, ""
	case got != id && got == a.hit && !a.tells(ctx):
		return proof.Unclear, o, fmt.Sprintf("record %s: the remote answers with record %s, and it is not known that it answers with others at all", id, got)
	case got != id: // merged into another
		return proof.Miss, o, ""
	case a.Model.Plan.Bare(o):
		return proof.Unclear, o, "record " + id.String() + ": " + isBare
	default:
		return proof.Hit, o, ""
	}
}
