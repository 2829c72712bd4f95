package absent

import (
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
// list carries a control. An API may answer with fewer records than it was asked for,
// so a record that is left out is gone only where the answer had room for it: it held
// fewer records than another answer did. The others are asked for again, in lists half
// as long.
func (s *Search) askMany(ctx context.Context, f *Found, many remote.ManyGetter, controls, absent []backend.ID) (gone []backend.ID, supported bool, err error) {
	m := &manyAsking{Search: s, found: f, many: many, controls: controls}
	if len(controls) == 0 {
		f.refuse(absent, len(absent), NoControl)
		return nil, true, nil
	}
	if supported, err := m.begin(ctx); !supported || err != nil {
		return nil, supported, err
	}
	var left []backend.ID
	for open, size := absent, idsAsked; len(open) > 0 && size > 0 && m.why == ""; size /= 2 {
		var again []backend.ID
		for some := range slices.Chunk(open, size) {
			missed, proven, err := m.ask(ctx, some)
			switch {
			case err != nil:
				return nil, true, err
			case m.why != "":
				left = append(left, some...)
			case proven:
				gone = append(gone, missed...)
			default:
				again = append(again, missed...)
			}
		}
		open = again
		if size == 1 || m.why != "" {
			left = append(left, again...)
		}
	}
	if len(left) > 0 {
		if m.why == "" {
			m.why = "the remote answers lists of ids with one record at most, so that one that is left out proves nothing"
		}
		f.refuse(left, len(absent), m.why)
	}
	return gone, true, nil
}

// manyAsking asks an API for lists of ids.
type manyAsking struct {
	*Search
	found    *Found
	many     remote.ManyGetter
	controls []backend.ID
	// room is the most records that one answer held.
	room int
	// why tells why no more is asked for, or "".
	why string
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
		m.why = "the list of ids could not be asked for: " + model.Shown(err)
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
	objects, err := m.list(ctx, append([]backend.ID{m.controls[0]}, some...))
	if ctx.Err() != nil {
		return nil, false, ctx.Err()
	}
	if err != nil {
		m.why = "absent records could not be asked for: " + model.Shown(err)
		return nil, false, nil
	}
	for _, id := range some {
		o, exists := objects[id]
		if !exists {
			missed = append(missed, id)
			continue
		}
		m.keepAlive(m.found, id, o)
	}
	if _, ok := objects[m.controls[0]]; !ok {
		if m.controls = m.controls[1:]; len(m.controls) == 0 {
			m.why = proof.NoControl
		}
		return missed, false, nil // a control may be left out of a short answer, or be gone meanwhile
	}
	return missed, len(objects) < m.room, nil
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
