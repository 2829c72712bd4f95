package listing

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/strategy"
)

type rental struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

// bundle is a listing of a run, and what makes its pages.
type bundle struct {
	*Listing
	maker *page.Maker
}

func setup(t *testing.T, rules Rules) *bundle {
	t.Helper()
	p, err := plan.New(reflect.TypeFor[rental](), plan.Options{IDColumn: "synced_id"})
	require.NoError(t, err)
	if rules.Model == nil {
		rules.Model = &model.Model{}
	}
	rules.Model.Plan, rules.Model.Table = p, &backend.Table{Name: "rentals", ID: "synced_id", IDKind: backend.Int}
	return &bundle{New(rules), &page.Maker{Model: rules.Model}}
}

func objects(t *testing.T, texts ...string) []remote.Object {
	t.Helper()
	list := make([]remote.Object, len(texts))
	for i, text := range texts {
		o, err := remote.ParseObject([]byte(text))
		require.NoError(t, err)
		list[i] = o
	}
	return list
}

func (b *bundle) accept(p *remote.Page) (*page.Page, error) { return b.Accept(b.maker.Receive(p)) }

func ids(p *page.Page) (list []string) {
	for _, id := range p.IDs() {
		list = append(list, id.String())
	}
	return list
}

func values(texts ...string) (list []remote.Value) {
	for _, text := range texts {
		list = append(list, remote.Value(text))
	}
	return list
}

func TestAccept(t *testing.T) {
	t.Parallel()
	b := setup(t, Rules{})
	p, err := b.accept(&remote.Page{Number: 1, Objects: objects(t, `{"id":1}`, `{"id":2}`, `{"id":1}`, `{"id":3}`), DeletedIDs: values("2", "9")})
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2", "3"}, ids(p), "the same bytes twice are one record")
	require.Equal(t, 3, b.Size())
	require.False(t, b.IsGone(backend.IntID(2)), "the page lists it")
	require.True(t, b.IsGone(backend.IntID(9)))

	p, err = b.accept(&remote.Page{Number: 2, Objects: objects(t, `{"id":9}`, `{"id":1,"name":"b"}`), DeletedIDs: values("3")})
	require.NoError(t, err)
	require.Equal(t, []backend.ID{backend.IntID(1)}, p.Relisted)
	require.Equal(t, backend.Unseen, p.Records[1].Look)
	require.False(t, b.IsGone(backend.IntID(9)), "listed after it was deleted, it exists")
	require.Equal(t, []backend.ID{backend.IntID(3)}, b.AllGone(), "deleted after it was listed, it is gone")
	require.Equal(t, 2, b.Pages())
	require.Equal(t, []backend.ID{backend.IntID(1), backend.IntID(9)}, b.Controls(), "3 is gone")
}

// Some remotes announce the same deletions with each page.
func TestAccept_AnnouncedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, Rules{})
	for _, texts := range [][]string{{`{"id":5}`}, {`{"id":6}`}} {
		_, err := b.accept(&remote.Page{Objects: objects(t, texts...), DeletedIDs: values("5", "7")})
		require.NoError(t, err)
	}
	require.Equal(t, []backend.ID{backend.IntID(7)}, b.AllGone(), "a page lists 5")
}

func TestAccept_Errors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules Rules
		page  remote.Page
		want  string
	}{
		"two records of one id": {page: remote.Page{Objects: objects(t, `{"id":1}`, `{"id":1,"name":"b"}`)},
			want: "record 1: two different records of one page have the same remote id: no. 1 and no. 2: most likely another attribute is the id, or several together are"},
		"no id":                  {page: remote.Page{Objects: objects(t, `{"id":1}`, `{"name":"b"}`)}, want: "record no. 2: "},
		"a deleted id of no use": {page: remote.Page{DeletedIDs: values("1", `"x"`)}, want: "deleted id no. 2: "},
		"not modified, unasked":  {page: remote.Page{NotModified: true}, want: "which it was not asked"},
		"deletions unknown": {rules: Rules{Removes: true, Since: true}, page: remote.Page{},
			want: report.ErrDeletionsUnknown.Error()},
		"no time": {rules: Rules{Sources: []strategy.TimeSource{strategy.RemoteClock{}}}, page: remote.Page{}, want: report.ErrNoSyncTime.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := setup(t, c.rules).accept(&c.page)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestAccept_Tombstones(t *testing.T) {
	t.Parallel()
	isGone := func(o remote.Object) bool { _, deleted := o.Lookup("deleted"); return deleted }
	b := setup(t, Rules{Removes: true, Since: true, Model: &model.Model{Tombstone: isGone}})
	p, err := b.accept(&remote.Page{Objects: objects(t, `{"id":1}`, `{"id":2,"deleted":true}`)})
	require.NoError(t, err, "a tombstone tells deletions as well")
	require.Equal(t, []string{"1"}, ids(p))
	require.Equal(t, []backend.ID{backend.IntID(2)}, b.AllGone())
	require.True(t, b.KeepsBytes())
}

func TestAccept_NotModified(t *testing.T) {
	t.Parallel()
	b := setup(t, Rules{Sources: []strategy.TimeSource{strategy.ResponseDate{}}})
	b.Conditional = true
	_, err := b.accept(&remote.Page{NotModified: true, Date: noon})
	require.NoError(t, err)
	require.True(t, b.NotModified())
	at, source, _ := b.Time()
	require.Equal(t, noon, at)
	require.Equal(t, "date", source)
	_, err = b.accept(&remote.Page{Objects: objects(t, `{"id":1}`)})
	require.Error(t, err, "a list after it")
}

func TestTime_Refused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		totals []int
		shifts bool
		missed bool
	}{
		"as many as said":               {totals: []int{1}, shifts: true},
		"fewer than said":               {totals: []int{2}, shifts: true, missed: true},
		"fewer than said at first":      {totals: []int{2, 1}, shifts: true, missed: true},
		"it grew":                       {totals: []int{1, 2}, shifts: true},
		"fewer than said, and it stays": {totals: []int{2}, missed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, Rules{Sources: []strategy.TimeSource{strategy.RemoteClock{}}})
			for i, total := range c.totals {
				_, err := b.accept(&remote.Page{Number: i + 1, Objects: objects(t, fmt.Sprintf(`{"id":%d}`, i)), SyncedAt: noon, Total: total, TotalKnown: true, Shifting: c.shifts})
				require.NoError(t, err)
			}
			at, _, missed := b.Time()
			require.Equal(t, noon, at)
			require.Equal(t, c.missed, missed != "", missed)
		})
	}
}

func TestState(t *testing.T) {
	t.Parallel()
	rules := Rules{Sources: []strategy.TimeSource{strategy.RemoteClock{}, strategy.LargestValue{Attribute: "at"}}, MayResume: true}
	b := setup(t, rules)
	_, err := b.accept(&remote.Page{Objects: objects(t, `{"id":1}`), DeletedIDs: values("7"), SyncedAt: noon, Total: 3, TotalKnown: true, Shifting: true, Cursor: "2"})
	require.NoError(t, err)
	_, err = b.accept(&remote.Page{Objects: objects(t, `{"id":2}`), Total: 2, TotalKnown: true, Cursor: "3"})
	require.NoError(t, err)
	require.Equal(t, []uint64{1, 2}, b.Fresh())

	next := setup(t, rules)
	require.True(t, next.Resume(b.State()))
	for _, key := range b.Fresh() {
		next.Seen(key)
	}
	require.Equal(t, b.State(), next.State())
	require.True(t, next.Evidence.Shifting)
	require.Equal(t, b.Doubt(), next.Doubt())
	_, err = next.accept(&remote.Page{Validator: "v", Total: 2, TotalKnown: true})
	require.NoError(t, err, "the time of the first page is known")
	require.Empty(t, next.Validator(), "it is that of a page in the middle")

	require.False(t, setup(t, Rules{Sources: []strategy.TimeSource{strategy.LocalClock{}}}).Resume(b.State()), "another clock is declared")
	state := b.State()
	state.Gone = []string{"x"}
	require.False(t, setup(t, rules).Resume(state), "ids of another kind")
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
