package absent_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/absent"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/listing"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/stagetest"
	"github.com/syncedgo/synced/remote"
)

// records answers for single records: with an object, an error, or that there is none.
type records map[string]any

func (r records) Get(_ context.Context, _ remote.Request, id string) (remote.Object, error) {
	switch answer := r[id].(type) {
	case string:
		return remote.ParseObject([]byte(answer))
	case error:
		return remote.Object{}, answer
	default:
		return remote.Object{}, remote.ErrNotFound
	}
}

// has returns an answer for each of some records.
func has(ids ...int) records {
	r := records{}
	for _, id := range ids {
		r[fmt.Sprint(id)] = fmt.Sprintf(`{"id":%d,"name":"n"}`, id)
	}
	return r
}

func (r records) and(id string, answer any) records { r[id] = answer; return r }

func ids(list ...int64) (ids []backend.ID) {
	for _, id := range list {
		ids = append(ids, backend.IntID(id))
	}
	return ids
}

func TestAsking(t *testing.T) {
	t.Parallel()
	m := stagetest.Rentals(t)
	forbidden := errors.New("403")
	for name, c := range map[string]struct {
		remote   records
		controls []backend.ID
		gone     []int // of records 1 to 3
		exist    []int
		why      string
	}{
		"all are gone":                     {has(9), ids(9), []int{1, 2, 3}, nil, ""},
		"one exists":                       {has(9, 2), ids(9), []int{1, 3}, []int{2}, ""},
		"no record is known":               {has(2), nil, nil, nil, "no record is known to exist"},
		"the control is not found":         {has(), ids(9), nil, nil, "does not find a record that exists"},
		"no address of one is declared":    {has().and("9", fmt.Errorf("%w: set Record", remote.ErrNoAddress)), ids(9), nil, nil, "the remote can't be asked whether they exist: no address for one record is declared: set Record, or how"},
		"the second control is found":      {has(8), ids(9, 8), []int{1, 2, 3}, nil, ""},
		"one is forbidden":                 {has(9).and("2", forbidden), ids(9), []int{1, 3}, nil, "1 of 3 absent records could not be asked for, the first: record 2: 403"},
		"merged into another":              {has(9).and("1", `{"id":5,"name":"n"}`), ids(9), []int{1, 2, 3}, nil, ""},
		"each answer is the control":       {has(9).and("1", `{"id":9,"name":"n"}`), ids(9), []int{2, 3}, nil, "it is not known that it answers with others at all"},
		"an answer without what is mapped": {has(9).and("1", `{"id":1,"error":"gone?"}`), ids(9), []int{2, 3}, nil, "has none of the attributes"},
		"an answer without an id":          {has(9).and("1", `{"name":"n"}`), ids(9), []int{2, 3}, nil, "record 1: "},
		"credentials that end on the way":  {nil, ids(9), nil, nil, "does not find a record that exists"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var getter remote.Getter = c.remote
			if c.remote == nil {
				getter = &losing{records: has(9), after: 2}
			}
			ask := &absent.Asking{Getter: getter, Model: m}
			fates, why, err := ask.Each(t.Context(), c.controls, ids(1, 2, 3))
			require.NoError(t, err)
			var gone, exist []int
			for i, fate := range fates {
				if fate.Gone {
					gone = append(gone, i+1)
				}
				if fate.Exists {
					exist = append(exist, i+1)
				}
			}
			require.Equal(t, c.gone, gone)
			require.Equal(t, c.exist, exist)
			if c.why == "" {
				require.Empty(t, why)
			} else {
				require.Contains(t, why, c.why)
			}
		})
	}
}

// losing finds nothing any longer after some questions.
type losing struct {
	records
	after int
}

func (l *losing) Get(ctx context.Context, r remote.Request, id string) (remote.Object, error) {
	if l.after--; l.after < 0 {
		return remote.Object{}, remote.ErrNotFound
	}
	return l.records.Get(ctx, r, id)
}

// searching is a pass that listed some records of a table with rows 1 to 4.
func searching(t *testing.T, p *remote.Page, rules listing.Rules) (*absent.Search, *page.Page) {
	t.Helper()
	m := stagetest.Rentals(t)
	maker := stagetest.Maker(m)
	for id := range int64(4) {
		stagetest.Insert(t, m, stagetest.Scope, id+1, "n")
	}
	stagetest.Insert(t, m, 2, 7, "of another scope")
	rules.Model, rules.Removes = m, true
	s := &absent.Search{Maker: maker, Listing: listing.New(rules), Removal: model.Removal{Kind: model.Destroy, Limit: 0.5, Verify: model.VerifyShifting}}
	held, err := s.Listing.Accept(maker.Receive(p))
	require.NoError(t, err)
	return s, held
}

func found(f *absent.Found) (gone []string) {
	for _, id := range f.Gone {
		gone = append(gone, id.String())
	}
	slices.Sort(gone)
	return gone
}

func TestFind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		listed []string
		page   func(*remote.Page)
		search func(*absent.Search)
		rules  listing.Rules
		gone   []string
		why    string // the rest is withheld
	}{
		"everything is listed": {listed: []string{"1", "2", "3", "4"}},
		"an incremental run":   {listed: []string{"1"}, rules: listing.Rules{Since: true}, page: func(p *remote.Page) { p.DeletedIDs = []remote.Value{} }},
		"deleted by its own account": {listed: []string{"1"}, rules: listing.Rules{Since: true},
			page: func(p *remote.Page) { p.DeletedIDs = []remote.Value{remote.Value("3")} }, gone: []string{"3"}},
		"removal is off":         {listed: []string{"1"}, search: func(s *absent.Search) { s.Removal = model.Removal{} }},
		"the API can't be asked": {listed: []string{"1", "2", "3"}, gone: []string{"4"}},
		"asked for": {listed: []string{"1", "2"}, gone: []string{"3"},
			search: func(s *absent.Search) { s.API = asked{has(2, 4)} }},
		"nothing is listed": {why: "the remote listed nothing at all"},
		"below the total": {listed: []string{"1", "2", "3"}, why: "the remote says it has 9 records and listed 3",
			page: func(p *remote.Page) { p.Total = 9; p.TotalKnown = true }},
		"given by the caller": {listed: []string{"1"}, gone: []string{"2", "3", "4"},
			search: func(s *absent.Search) { s.Given = true }},
		"allowed": {gone: []string{"1", "2", "3", "4"},
			search: func(s *absent.Search) { s.Allowed = true }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var texts []string
			for _, id := range c.listed {
				texts = append(texts, `{"id":`+id+`,"name":"n"}`)
			}
			p := stagetest.Page(t, texts...)
			if c.page != nil {
				c.page(p)
			}
			s, held := searching(t, p, c.rules)
			if c.search != nil {
				c.search(s)
			}
			f, err := s.Find(t.Context(), held)
			require.NoError(t, err)
			require.Equal(t, c.gone, found(f))
			if c.why == "" {
				require.Nil(t, f.Refused)
				return
			}
			require.Contains(t, f.Refused.Reason, c.why)
			require.Equal(t, f.Refused.Reason, f.Withholds())
			require.Equal(t, 4-len(c.listed), f.Refused.Rows)
			require.Equal(t, 4, f.Refused.Of)
		})
	}
}

// asked is an API that is asked for single records, and lists nothing.
type asked struct{ records }

func (asked) Pages(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
	return func(func(*remote.Page, error) bool) {}
}
