package synced

import (
	"context"
	"errors"
	"fmt"
)

// Group are models that run together for one scope. [Together] makes one. It is safe for
// concurrent use.
type Group struct{ handles []*Handle }

// Runnable is a [Model], or its [Handle].
type Runnable interface{ handle() *Handle }

func (h *Handle) handle() *Handle { return h }

// Scoped reports whether the runs of a model are of one scope each, [In], and not of
// [NoScope]: those of one that is listed for each parent are of its topmost parents' scopes.
func Scoped(model Runnable) bool {
	_, err := model.handle().declared.Root(nil)
	return err != nil
}

// Together puts models into a group, in the order in which they run: parents before the
// models that are listed for each of them.
func Together(models ...Runnable) *Group {
	g := &Group{}
	for _, m := range models {
		g.handles = append(g.handles, m.handle())
	}
	return g
}

// Synchronize runs the models for a scope, one after the other, and returns their results
// in that order. At most one call may be given, for all of them. A parent that changed
// makes its children due at once.
//
// Where one fails, those that are listed for each of its rows are left out, unless it is
// itself listed for each and only some parents failed. The others run. The error joins
// those of the models.
func (g *Group) Synchronize(ctx context.Context, scope Scope, call ...Call) ([]Result, error) {
	results := make([]Result, len(g.handles))
	var errs []error
	without := map[string]bool{}
	for i := range g.handles {
		if err := g.checkOrder(i); err != nil {
			return results, err
		}
	}
	for i, h := range g.handles {
		if parent := h.declared.ParentOf(); parent != nil && without[parent.Model.Table.Name] {
			without[h.Name()] = true
			errs = append(errs, h.fail(scope, fmt.Errorf("left out, because the run of %s failed", parent.Model.Table.Name)))
			continue
		}
		var err error
		results[i], err = h.Synchronize(ctx, scope, call...)
		if err != nil {
			errs = append(errs, err)
			p := results[i].Parents
			without[h.Name()] = p.Asked == p.Failed || ctx.Err() != nil
		}
	}
	return results, errors.Join(errs...)
}

// checkOrder finds a model that comes before its parent.
func (g *Group) checkOrder(i int) error {
	h := g.handles[i]
	parent := h.declared.ParentOf()
	if parent == nil {
		return nil
	}
	for _, later := range g.handles[i+1:] {
		if later.Name() == parent.Model.Table.Name {
			return fmt.Errorf("synced: Together: %s is listed for each row of %s, which comes after it: name that first", h.Name(), later.Name())
		}
	}
	return nil
}
