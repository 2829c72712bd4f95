package feed_test

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/internal/feed"
	"github.com/syncedgo/synced/internal/look"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/stagetest"
	"github.com/syncedgo/synced/remote"
)

// counted yields n pages and then an error, if there is one, and counts in made what
// was asked for. The sequence is closed when it has ended.
func counted(n int, last error, made *atomic.Int32, ended chan struct{}) func(context.Context) iter.Seq2[*page.Received, error] {
	return func(context.Context) iter.Seq2[*page.Received, error] {
		return func(yield func(*page.Received, error) bool) {
			defer close(ended)
			for range n {
				made.Add(1)
				if !yield(&page.Received{Page: &remote.Page{}}, nil) {
					return
				}
			}
			if last != nil {
				yield(nil, last)
			}
		}
	}
}

func TestAhead_OnePage(t *testing.T) {
	t.Parallel()
	var made atomic.Int32
	ended := make(chan struct{})
	n := 0
	for _, err := range feed.Ahead(t.Context(), counted(5, nil, &made, ended)) {
		require.NoError(t, err)
		n++
		require.LessOrEqual(t, int(made.Load()), n+1, "one page ahead at most")
	}
	require.Equal(t, 5, n)
	<-ended
}

func TestAhead_AnErrorIsLast(t *testing.T) {
	t.Parallel()
	var made atomic.Int32
	broken := errors.New("broken")
	var errs []error
	for _, err := range feed.Ahead(t.Context(), counted(2, broken, &made, make(chan struct{}))) {
		errs = append(errs, err)
	}
	require.Equal(t, []error{nil, nil, broken}, errs)
}

func TestAhead_BreakingOutEndsTheSequence(t *testing.T) {
	t.Parallel()
	var made atomic.Int32
	ended := make(chan struct{})
	for range feed.Ahead(t.Context(), counted(100, nil, &made, ended)) {
		break
	}
	<-ended
	require.LessOrEqual(t, int(made.Load()), 3)
}

// An end that a canceled context brought about is none, whatever the API makes of it.
func TestAhead_ACanceledContextIsAnError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	pages := func(ctx context.Context) iter.Seq2[*page.Received, error] {
		return func(yield func(*page.Received, error) bool) {
			yield(&page.Received{}, nil)
			<-ctx.Done()
		}
	}
	var errs []error
	for _, err := range feed.Ahead(ctx, pages) {
		errs = append(errs, err)
		cancel()
	}
	require.Equal(t, []error{nil, context.Canceled}, errs)
}

// What a canceled page cost comes with the error.
func TestAhead_ACanceledPageHasItsCost(t *testing.T) {
	t.Parallel()
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		for p, err := range feed.Ahead(ctx, func(context.Context) iter.Seq2[*page.Received, error] {
			return func(yield func(*page.Received, error) bool) {
				cancel()
				yield(&page.Received{Page: &remote.Page{Requests: 3}}, context.Canceled)
			}
		}) {
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, 3, p.Requests)
			n++
		}
		require.Equal(t, 1, n)
	}
}

func TestAhead_APanicIsTheCallers(t *testing.T) {
	t.Parallel()
	pages := func(context.Context) iter.Seq2[*page.Received, error] {
		return func(func(*page.Received, error) bool) { panic("of the API") }
	}
	require.PanicsWithValue(t, "of the API", func() {
		for range feed.Ahead(t.Context(), pages) {
		}
	})
}

func TestFeed_LooksAtPages(t *testing.T) {
	t.Parallel()
	m := stagetest.Rentals(t)
	maker := stagetest.Maker(m)
	stagetest.Insert(t, m, stagetest.Scope, 1, "one")
	stagetest.Insert(t, m, 2, 3, "of another scope")
	api := remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
		return func(yield func(*remote.Page, error) bool) {
			yield(stagetest.Page(t, `{"id":1,"name":"one"}`, `{"name":"no id"}`, `{"id":3,"name":"three"}`), nil)
		}
	})
	for _, looks := range []*look.Look{nil, {Model: m, Scope: stagetest.Scope}} {
		f := feed.Feed{API: api, Maker: maker, Look: looks}
		pages := 0
		for p, err := range f.Pages(t.Context(), remote.Request{}) {
			require.NoError(t, err)
			pages++
			require.Len(t, p.Records, 3)
			require.Error(t, p.Records[1].Err)
			if looks != nil {
				require.Equal(t, backend.Differs, p.Records[0].Look, "a row without a fingerprint")
				require.Equal(t, backend.Absent, p.Records[2].Look)
			} else {
				require.Equal(t, backend.Unseen, p.Records[0].Look)
			}
		}
		require.Equal(t, 1, pages)
	}
}

// A page of more records than there is memory for is refused, before any is read.
func TestFeed_TooManyRecords(t *testing.T) {
	t.Parallel()
	api := remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
		return func(yield func(*remote.Page, error) bool) {
			yield(&remote.Page{Number: 1, Objects: make([]remote.Object, 1_000_001)}, nil)
		}
	})
	f := feed.Feed{API: api, Maker: &page.Maker{}}
	for p, err := range f.Pages(t.Context(), remote.Request{}) {
		require.Nil(t, p)
		require.ErrorIs(t, err, remote.ErrTooLarge)
		require.EqualError(t, err, "too large: the API yielded a page of 1000001 records, and one may have 1000000: yield them as several pages")
	}
}

// Where most records of a page were new, those of the next are mapped at once.
func TestFeed_Foresees(t *testing.T) {
	t.Parallel()
	f := feed.Feed{Maker: &page.Maker{}}
	record := func(c backend.Change) *page.Record { return &page.Record{Outcome: backend.Outcome{Change: c}} }
	for _, c := range []struct {
		page page.Page
		want bool
	}{
		{page.Page{Records: []*page.Record{record(backend.Created), record(backend.Updated), record(backend.Unchanged)}}, true},
		{page.Page{Records: []*page.Record{record(backend.Created), record(backend.Unchanged)}}, false},
		{page.Page{Records: []*page.Record{record(backend.Created)}, Same: []uint64{1, 2}}, false},
		{page.Page{}, false},
	} {
		f.Foresee(&c.page)
		require.Equal(t, c.want, f.Maker.Eager.Load())
	}
}

// What was fetched ahead is counted, though the run does not come to it.
func TestFeed_CountsWhatIsUnread(t *testing.T) {
	t.Parallel()
	m := stagetest.Rentals(t)
	for _, looks := range []*look.Look{nil, {Model: m, Scope: stagetest.Scope}} {
		for stop := 1; stop < 40; stop++ {
			asked := 0
			api := remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
				return func(yield func(*remote.Page, error) bool) {
					for asked < 50 {
						asked++
						if !yield(&remote.Page{Number: asked, More: true, Requests: 1, Bytes: 10}, nil) {
							return
						}
					}
				}
			})
			f := feed.Feed{API: api, Maker: stagetest.Maker(m), Joins: true, Look: looks}
			read := 0
			for p, err := range f.Pages(t.Context(), remote.Request{}) {
				require.NoError(t, err)
				if read += p.Requests; read == stop {
					break
				}
			}
			require.Equal(t, cost.Cost{Requests: asked - read, Bytes: int64(asked-read) * 10}, f.Unread)
		}
	}
}

// A feed may end after a page although another follows: that is not asked for.
func TestFeed_Ends(t *testing.T) {
	t.Parallel()
	asked := 0
	api := remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
		return func(yield func(*remote.Page, error) bool) {
			for asked = 1; asked < 5; asked++ {
				if !yield(&remote.Page{Number: asked, More: true, Cursor: "next"}, nil) {
					return
				}
			}
		}
	})
	f := feed.Feed{API: api, Maker: &page.Maker{}, Ends: func(p *remote.Page) bool {
		require.Equal(t, []any{true, "next"}, []any{p.More, p.Cursor})
		return asked == 2
	}}
	pages := 0
	for _, err := range f.Pages(t.Context(), remote.Request{}) {
		require.NoError(t, err)
		pages++
	}
	require.Equal(t, []int{2, 2}, []int{pages, asked})
}
