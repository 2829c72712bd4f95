package synced_test

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
)

// strip is an API whose pages are told by hand. They stay put: a pass goes on at
// the page whose index is the cursor.
type strip struct {
	t     *testing.T
	pages [][]remotetest.Record
	// fails are the errors in place of pages, and each in turn is what another page
	// has beside its records.
	fails map[int]error
	each  func(i int, p *remote.Page)
	// since answers to UpdatedSince, where set.
	since func() (*remote.Page, error)
	// single are the records that Get knows, and asked those that it was asked for.
	single map[string]remotetest.Record
	onGet  func(id string)
	asked  []string
	listed []int // the pages that were asked for
}

func (s *strip) object(r remotetest.Record) remote.Object {
	text, err := json.Marshal(r, json.Deterministic(true))
	require.NoError(s.t, err)
	o, err := remote.ParseObject(text)
	require.NoError(s.t, err)
	return o
}

func (s *strip) page(records ...remotetest.Record) *remote.Page {
	p := &remote.Page{Number: 1, SyncedAt: remotetest.Start, DeletedIDs: []remote.Value{}, Requests: 1}
	for _, r := range records {
		p.Objects = append(p.Objects, s.object(r))
	}
	return p
}

func (s *strip) Pages(_ context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		if s.since != nil && !req.UpdatedSince.IsZero() {
			yield(s.since())
			return
		}
		first := 0
		if req.Cursor != "" {
			first, _ = strconv.Atoi(req.Cursor)
		}
		for i := first; i < len(s.pages); i++ {
			s.listed = append(s.listed, i)
			if err := s.fails[i]; err != nil {
				yield(nil, err)
				return
			}
			p := s.page(s.pages[i]...)
			p.Number = i - first + 1
			if i+1 < len(s.pages) {
				p.More, p.Cursor = true, strconv.Itoa(i+1)
			}
			if s.each != nil {
				s.each(i, p)
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

func (s *strip) Get(_ context.Context, _ remote.Request, id string) (remote.Object, error) {
	s.asked = append(s.asked, id)
	if s.onGet != nil {
		s.onGet(id)
	}
	if r, ok := s.single[id]; ok {
		return s.object(r), nil
	}
	return remote.Object{}, remote.ErrNotFound
}

// records are records by their ids, named after them.
func records(ids ...int) []remotetest.Record {
	var list []remotetest.Record
	for _, id := range ids {
		list = append(list, remotetest.Record{"id": id, "name": strconv.Itoa(id)})
	}
	return list
}

// takeListed lists the pages that were asked for since it was last called.
func (s *strip) takeListed() []int {
	listed := slices.Clone(s.listed)
	s.listed = nil
	return listed
}
