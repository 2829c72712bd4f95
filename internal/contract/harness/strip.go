package harness

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
)

// Strip is an API whose pages are set by hand. They stay put: a pass resumes at the
// page whose index is its cursor.
type Strip struct {
	T       *testing.T
	Listing [][]remotetest.Record // the pages
	// Fails holds the errors that replace pages, by index. Each, if set, may change
	// the other pages.
	Fails map[int]error
	Each  func(i int, p *remote.Page)
	// Since, if set, answers requests with UpdatedSince.
	Since func() (*remote.Page, error)
	// Single holds the records that Get finds beside those of the pages, by id. OnGet,
	// if set, is called before each look-up.
	Single map[string]remotetest.Record
	OnGet  func(id string)
	Hidden bool     // Get finds nothing at all
	Asked  []string // the ids that Get was asked for, but for those of the pages
	Listed []int    // the pages that were asked for
}

// Object returns a record as an object of a page.
func (s *Strip) Object(r remotetest.Record) remote.Object {
	text, err := json.Marshal(r, json.Deterministic(true))
	require.NoError(s.T, err)
	o, err := remote.ParseObject(text)
	require.NoError(s.T, err)
	return o
}

// Page returns a page of records.
func (s *Strip) Page(records ...remotetest.Record) *remote.Page {
	p := &remote.Page{Number: 1, SyncedAt: remotetest.Start, DeletedIDs: []remote.Value{}, Requests: 1}
	for _, r := range records {
		p.Objects = append(p.Objects, s.Object(r))
	}
	return p
}

// Pages implements [remote.API].
func (s *Strip) Pages(_ context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		if s.Since != nil && !req.UpdatedSince.IsZero() {
			yield(s.Since())
			return
		}
		first := 0
		if req.Cursor != "" {
			first, _ = strconv.Atoi(req.Cursor)
		}
		for i := first; i < len(s.Listing); i++ {
			s.Listed = append(s.Listed, i)
			if err := s.Fails[i]; err != nil {
				yield(nil, err)
				return
			}
			p := s.Page(s.Listing[i]...)
			p.Number = i - first + 1
			if i+1 < len(s.Listing) {
				p.More, p.Cursor = true, strconv.Itoa(i+1)
			}
			if s.Each != nil {
				s.Each(i, p)
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// Get implements [remote.Getter].
func (s *Strip) Get(_ context.Context, _ remote.Request, id string) (remote.Object, error) {
	if s.Hidden {
		return remote.Object{}, remote.ErrNotFound
	}
	for _, records := range s.Listing {
		for _, r := range records {
			if fmt.Sprint(r["id"]) == id {
				return s.Object(r), nil
			}
		}
	}
	s.Asked = append(s.Asked, id)
	if s.OnGet != nil {
		s.OnGet(id)
	}
	if r, ok := s.Single[id]; ok {
		return s.Object(r), nil
	}
	return remote.Object{}, remote.ErrNotFound
}

// Records returns a record for each id, named after it.
func Records(ids ...int) []remotetest.Record {
	var list []remotetest.Record
	for _, id := range ids {
		list = append(list, remotetest.Record{"id": id, "name": strconv.Itoa(id)})
	}
	return list
}

// TakeListed lists the pages that were asked for since it was last called.
func (s *Strip) TakeListed() []int {
	listed := slices.Clone(s.Listed)
	s.Listed = nil
	return listed
}
