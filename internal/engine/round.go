package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
)

// round is one walk through all parents. Where a run is stopped, the next one takes it up.
type round struct {
	halt  halt
	shape string
	began time.Time
	// left is what an earlier run has left, of this round or of another; nil for nothing.
	left *ledger.Pass
	// after is the last of the parents that are done with all before it; nil for none.
	after *backend.ID
	roundState
	asked int      // parents that were asked for in this run
	lost  []string // of those, the ones that failed, or whose list was not found
}

// roundState is what earlier runs of the round know, beside the place where it is.
type roundState struct {
	// Done are parents after the place that are done.
	Done []string `json:"done,omitzero"`
	// Again are parents before it to be asked for once more: they failed, or their list was
	// not found, which is decided at the end for all together.
	Again []string `json:"again,omitzero"`
	// Control is a parent whose list was found.
	Control string `json:"control,omitzero"`
	// Asked, Skipped and Empty count parents, those of Again left out.
	Asked   int `json:"asked,omitzero"`
	Skipped int `json:"skipped,omitzero"`
	Empty   int `json:"empty,omitzero"`
	// Partly reports whether a parent was not asked for everything.
	Partly bool `json:"partly,omitzero"`
}

// parentsShape begins the shape of a walk through parents, before the strategy.
const parentsShape = "parents "

// take takes up the round that an earlier run has left.
func (r *round) take(ctx context.Context, e *each) error {
	hash, err := shape(e.of, &e.call, &model.Ask{})
	if err != nil {
		return err
	}
	r.began, r.shape = e.turn.began, parentsShape+e.call.Strategy.String()+" "+hash
	r.halt = halt{wish: e.call.Stop, may: true}
	if !e.turn.left.Pass {
		return nil
	}
	left, found, err := ledger.PassOf(ctx, e.m.DB, e.m.Scope(e.call.Scope))
	if err != nil || !found {
		return err
	}
	r.left, r.halt.may = &left, false // else each run might begin again and stop
	var known roundState
	if left.Shape != r.shape || !recent(time.Since(left.Recorded)) || json.Unmarshal([]byte(left.Known), &known) != nil {
		return nil
	}
	if left.Position != "" {
		after, err := backend.ParseID(e.of.Table.ScopeKind, left.Position)
		if err != nil {
			return err
		}
		r.after = &after
	}
	r.roundState, r.began, r.halt.may = known, left.Began, true
	e.total.complete, e.total.Resumed = !known.Partly, true
	return nil
}

// begins reports whether another parent is asked for. One is in each run.
func (r *round) begins() bool {
	if r.halt.early = r.halt.early || r.asked > 0 && r.halt.may && r.halt.wished(); r.halt.early {
		return false
	}
	r.asked++
	return true
}

// pass takes note of which of some parents are done, in their order.
func (r *round) pass(list []model.Listed, done []bool) {
	all := true
	for i := range list {
		key := list[i].Key.String()
		at := slices.Index(r.Done, key)
		switch all = all && done[i]; {
		case all:
			r.after = &list[i].Key
			if at >= 0 {
				r.Done = slices.Delete(r.Done, at, at+1)
			}
		case done[i] && at < 0:
			r.Done = append(r.Done, key)
		}
	}
}

// leave keeps where the round is, for the next run.
func (r *round) leave(ctx context.Context, e *each) error {
	e.total.Stopped = "the next run asks for the parents that are left"
	return e.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		scope := e.m.Scope(e.call.Scope)
		if err := e.turn.look(ctx, tx, scope); err != nil {
			return err
		}
		if e.turn.reset {
			e.total.Stopped = resetMeanwhile
			return nil
		}
		known := r.roundState
		known.Again = append(slices.Clone(known.Again), r.lost...)
		known.Asked += e.total.Parents.Asked - len(r.lost)
		known.Skipped += e.total.Parents.Skipped
		known.Empty += e.total.empty
		known.Partly = !e.total.complete
		text, err := json.Marshal(known)
		if err != nil {
			return err
		}
		p := ledger.Pass{Shape: r.shape, Known: string(text), Began: r.began, Recorded: time.Now()}
		if r.after != nil {
			p.Position = r.after.String()
		}
		return ledger.PutPass(ctx, tx, scope, p)
	})
}

// end forgets a round that ended, or another one of the same strategy. What a run of
// another strategy has left stays for that.
func (r *round) end(ctx context.Context, e *each) error {
	if r.left == nil {
		return nil
	}
	strategy := r.shape[:strings.LastIndexByte(r.shape, ' ')+1]
	if !strings.HasPrefix(r.left.Shape, strategy) && recent(time.Since(r.left.Recorded)) {
		return nil
	}
	return e.transact(ctx, func(ctx context.Context, tx *commit.Tx) error {
		return ledger.DropPass(ctx, tx, e.m.Scope(e.call.Scope))
	})
}

// again asks once more for parents that earlier runs of the round could not decide about,
// and for one whose list was found, beside them.
func (r *round) again(ctx context.Context, e *each) error {
	keys := r.Again
	if r.Control != "" && e.control == nil && len(keys)+len(e.missing) > 0 {
		keys = append(slices.Clone(keys), r.Control)
	}
	var list []model.Listed
	for _, text := range keys {
		key, err := backend.ParseID(e.of.Table.ScopeKind, text)
		if err != nil {
			return err
		}
		p, _, err := rows.ListedBy(ctx, e.m.DB, e.of.Each, key.Value())
		if err != nil {
			return err
		}
		if p != nil {
			list = append(list, *p)
		}
	}
	r.halt.may = false
	for some := range slices.Chunk(list, parentsAhead) {
		if err := e.some(ctx, some); err != nil {
			return fmt.Errorf("ask for parents again: %w", err)
		}
	}
	return nil
}
