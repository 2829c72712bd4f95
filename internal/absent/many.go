package absent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/remote"
)

// idsAsked is how many absent records are asked for in one list of ids, beside its
// control.
const idsAsked = 49

// askMany asks for absent records by lists of ids, where the API supports that. Each
// list ends with a control, so that an API that reads only the first ids of a list does
// not find it. An API may answer with fewer records than it was asked for, so a record
// that is left out is gone only where the answer had room for it: it held fewer records
// than another answer did. The others are asked for again, in lists half as long, and
// so are those of a list that could not be answered, as long as its control is.
//
// Left are those of which the lists can tell nothing, because each has one record at
// most: the caller asks for them one by one.
func (s *Search) askMany(ctx context.Context, f *Found, many remote.ManyGetter, controls, absent []backend.ID) (gone, left []backend.ID, supported bool, err error) {
	m := &manyAsking{Search: s, found: f, many: many, controls: controls}
	if len(controls) == 0 {
		f.refuse(absent, NoControl)
		return nil, nil, true, nil
	}
	if supported, err := m.begin(ctx); !supported || err != nil {
		return nil, nil, supported, err
	}
	left = absent
	for size := idsAsked; len(left) > 0 && size > 0 && m.why == ""; size /= 2 {
		var again []backend.ID
		for some := range slices.Chunk(left, size) {
			if m.why != "" {
				again = append(again, some...)
				continue
			}
			missed, proven, err := m.ask(ctx, some)
			switch {
			case err != nil:
				return nil, nil, true, err
			case m.why == "" && proven:
				gone = append(gone, missed...)
			default:
				again = append(again, missed...)
			}
		}
		left = again
	}
	if why := cmp.Or(m.why, m.unclear); why != "" && len(left) > 0 {
		f.refuse(left, why)
		left = nil
	}
	return gone, left, true, nil
}

// manyAsking asks an API for lists of ids.
type manyAsking struct {
	*Search
	found    *Found
	many     remote.ManyGetter
	controls []backend.ID
	// room is the most records that one answer held.
	room int
	// why tells why no more is asked for, and unclear why a list was not answered, or "".
	why, unclear string
}

// begin finds out whether lists of ids are supported, and how many controls one answer
// holds.
func (m *manyAsking) begin(ctx context.Context) (supported bool, err error) {
	objects, err := m.list(ctx, m.controls)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return false, nil
	case ctx.Err() != nil:
		return true, ctx.Err()
	case err != nil:
		m.why = "the list of ids could not be asked for: " + model.Shown(ctx, err)
		return true, nil
	}
	var exist []backend.ID
	for _, id := range m.controls {
		if _, ok := objects[id]; ok {
			exist = append(exist, id)
		}
	}
	if len(exist) == 1 && len(m.controls) == 1 {
		return false, nil // whether an answer has room for two can't be known
	}
	if m.controls = exist; len(exist) == 0 {
		m.why = proof.NoControl + fmt.Sprintf("; look at how lists of ids are asked for (rest.Config.IDs), and which filter %q has by default", m.Request.Endpoint)
	}
	return true, nil
}

// ask asks for some records beside a control, keeps those that exist, and returns those
// that were left out, and whether that proves that they are gone.
func (m *manyAsking) ask(ctx context.Context, some []backend.ID) (missed []backend.ID, proven bool, err error) {
	objects, err := m.list(ctx, append(slices.Clone(some), m.controls[0]))
	if ctx.Err() != nil {
		return nil, false, ctx.Err()
	}
	if err != nil {
		m.unclear = cmp.Or(m.unclear, "absent records could not be asked for: "+model.Shown(ctx, err))
		return some, false, m.control(ctx)
	}
	bare := false
	for _, id := range some {
		o, exists := objects[id]
		switch {
		case !exists:
			missed = append(missed, id)
		case m.Maker.Model.Plan.Bare(o) && !m.Listing.Deletes(o):
			m.unclear = cmp.Or(m.unclear, "record "+id.String()+": "+isBare)
			missed, bare = append(missed, id), true
		default:
			m.keepAlive(m.found, id, o)
		}
	}
	if _, ok := objects[m.controls[0]]; !ok {
		return missed, false, m.control(ctx)
	}
	return missed, !bare && len(objects) < m.room, nil
}

// control asks for the control alone, after a list without it: it may have been left
// out of a short answer, or be gone meanwhile, so that another takes its place.
func (m *manyAsking) control(ctx context.Context) error {
	for len(m.controls) > 0 {
		objects, err := m.list(ctx, m.controls[:1])
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			m.why = m.unclear
			return nil
		}
		if _, ok := objects[m.controls[0]]; ok {
			return nil
		}
		m.controls = m.controls[1:]
	}
	m.why = proof.NoControl
	return nil
}

// list asks for a list of ids.
func (m *manyAsking) list(ctx context.Context, ids []backend.ID) (map[backend.ID]remote.Object, error) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	objects := make(map[backend.ID]remote.Object, len(ids))
	for p, err := range m.many.GetMany(ctx, m.Request, texts) {
		if p != nil {
			m.found.Requests += p.Requests
			m.found.Bytes += p.Bytes
		}
		if err != nil {
			return nil, err
		}
		if p.Partial != "" {
			return nil, errors.New(p.Partial)
		}
		for _, o := range p.Objects {
			id, err := m.Maker.Model.Plan.ID(o)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(ids, id) {
				return nil, &model.RecordError{Record: id.String(), Err: errors.New("the remote lists one that was not asked for: is rest.Config.IDs right?")}
			}
			objects[id] = o
		}
	}
	m.room = max(m.room, len(objects))
	return objects, nil
}
