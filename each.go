package synced

import (
	"context"
	"errors"
	"iter"

	"github.com/syncedgo/synced/internal/declare"
	"github.com/syncedgo/synced/internal/engine"
)

// PerParent says how a model is listed that has a list for each row of another model, its
// parent. [Each] makes one.
type PerParent struct{ each *declare.Each }

// EachOptions are the settings of [Each]. What is left zero is the default.
type EachOptions struct {
	// Due is a column of the parent, such as "pushed_at" or a count: where its value is as
	// it was when the list was last asked for, an incremental run skips that parent. A
	// parent whose last run failed, or that must be asked for everything, is not skipped.
	// Defaults to none: each parent is asked for.
	Due string
	// Record is the address of one record, as the endpoint, with %s in place of its id:
	// "repos/{+repos.full_name}/issues/comments/%s". [Handle.SyncOne], verification and
	// Expand ask there. Only rest.Client and what passes [remote.Request].Record on know it.
	// Defaults to what the API makes of the endpoint and the id.
	Record string
	// InFlight is how many parents are asked for at once, within what the API's client
	// lets through. The API, and functions
	// such as Map, Tombstone and OnChange, are then called for several at once.
	// Defaults to 4.
	InFlight int
}

// Each lists a model once for each row of a parent: the issues of each repository. The
// model's Scope is the column for the local key of the parent, "repo_id", so that a
// remote id is unique within its parent, and the time, the completeness, the removal and
// the quarantine of each parent are its own.
//
// The endpoint has columns of the parent's row in braces, and the remote id as
// {synced_id}: "repos/{synced_id}/issues". Values are escaped; a plus keeps the slashes of
// one, "repos/{+full_name}/issues". What comes after a question mark is parameters:
// "issues?repo={synced_id}". A parent may itself be listed for each of its parents; columns
// of those have the name of their table before them: "repos/{+repos.full_name}/issues/{number}/comments".
//
// [Handle.Synchronize] then takes the scope of the topmost parents, as do APIFor and
// AskFor, and goes through their rows; [InParent] runs one. A parent that fails costs its
// own rows alone. Where removal is on, the rows of a parent that is gone are removed: its
// row was removed, or the remote no longer has its list, and has that of another.
func Each[P any](parent *Model[P], endpoint string, options ...EachOptions) PerParent {
	e := &declare.Each{Parent: parent.bound(), Endpoint: endpoint}
	if len(options) > 0 {
		last := options[len(options)-1]
		e.Due, e.Record, e.InFlight = last.Due, last.Record, last.InFlight
	}
	return PerParent{e}
}

// ParentsOf yields the parents of a model that is listed for each: what [InParent] makes of
// each, in the order of their local keys, for what goes parent by parent, such as a check.
// The scope is that of the topmost parents, as in [Handle.Synchronize]. Parents whose rows
// are canceled are left out. 500 are read at a time, and no query is open while one is
// yielded. An error is yielded once, last.
func ParentsOf(ctx context.Context, model Runnable, scope Scope) iter.Seq2[Scope, error] {
	h := model.handle()
	return func(yield func(Scope, error) bool) {
		root, err := rootOf(h, scope)
		if err != nil {
			yield(NoScope, h.fail(scope, err))
			return
		}
		for key, err := range engine.ParentKeys(ctx, h.model, root) {
			if err != nil {
				yield(NoScope, err)
				return
			}
			if !yield(InParent(key), nil) {
				return
			}
		}
	}
}

// rootOf returns the key of a scope of the topmost parents.
func rootOf(h *Handle, scope Scope) (any, error) {
	switch {
	case scope.err != nil:
		return nil, scope.err
	case !h.declared.ByParent():
		return nil, errors.New("the model is not listed for each parent")
	case scope.parent:
		return nil, errors.New("this is one parent already: give the scope of the topmost parents, synced.In(…)")
	}
	return h.declared.Root(scope.key)
}
