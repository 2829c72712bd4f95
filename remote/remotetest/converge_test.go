package remotetest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/remotetest"
)

// failing is a test that may fail.
type failing struct {
	testing.TB
	said string
}

func (f *failing) Errorf(format string, args ...any) { f.said += fmt.Sprintf(format, args...) }

func TestCollection_Equal(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{Deletions: remotetest.Deletions{Tombstone: "deleted_at"}}, 0)
	c := srv.Collection("rentals")
	c.Put(
		remotetest.Record{"id": 1, "name": "a", "price": 1, "tags": []string{"x"}},
		remotetest.Record{"id": 2, "name": "b", "price": 2.5},
		remotetest.Record{"id": 3, "name": nil},
		remotetest.Record{"id": 4},
	)
	c.Delete(4)
	price := 2.5
	rows := []remotetest.Record{
		{"id": int64(3), "name": nil, "updated_at": remotetest.Start},
		{"id": int64(1), "name": "a", "price": 1.0, "tags": []any{"x"}, "updated_at": remotetest.Start},
		{"id": int64(2), "name": "b", "price": &price, "updated_at": remotetest.Start},
	}
	f := &failing{TB: t}
	require.True(t, c.Equal(f, rows))
	require.Empty(t, f.said)

	rows[1]["name"], rows[2]["id"] = "wrong", int64(20)
	rows = append(rows, remotetest.Record{"id": int64(10)}, rows[0])
	require.False(t, c.Equal(f, rows))
	require.Equal(t, `remotetest: rentals: local rows are not the remote's:
  1 missing: 2
  2 additional: 10, 20
  1 twice: 3
  1 different: 1: name: "wrong" here, "a" there
`, f.said)

	f = &failing{TB: t}
	require.True(t, c.Equal(f, []remotetest.Record{{"id": 1, "name": "x"}, {"id": 2}, {"id": 3}}, "price") == false, "row 1 has no price")
	require.Contains(t, f.said, "1: price: null here, 1 there\n    2: price: null here, 2.5 there")
}

func TestCollection_EqualOfWhatIsVisible(t *testing.T) {
	t.Parallel()
	hidden := func(r remotetest.Record) bool { return r["id"] == int64(1) }
	srv := setup(t, remotetest.Config{Quirks: remotetest.Quirks{Hidden: hidden}}, 30)
	f := &failing{TB: t}
	require.False(t, srv.Collection("rentals").Equal(f, nil))
	require.Contains(t, f.said, "29 missing: 2, 3, ")
	require.Contains(t, f.said, ", 21, …\n")
	srv.SetQuirks(remotetest.Quirks{Hidden: hidden, ShowHidden: "all=1"})
	f = &failing{TB: t}
	srv.Collection("rentals").Equal(f, nil)
	require.Contains(t, f.said, "30 missing: 1, 2, ")
}

func TestConverge(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 3)
	srv.Fault(remotetest.Fault{Status: 500, Times: -1})
	srv.OnRequest(func(remotetest.Request) { srv.Collection("rentals").Put(remotetest.Record{"id": srv.Requests() + 10}) })
	var ids []int
	sync := func(context.Context) error {
		ids = get(t, srv, "", "/rentals").ids
		return nil
	}
	rows := func() (rows []remotetest.Record, err error) {
		for _, id := range ids {
			rows = append(rows, remotetest.Record{"id": id})
		}
		return rows, nil
	}
	require.True(t, remotetest.Converge(t, srv.Collection("rentals"), sync, rows))
	require.Len(t, ids, 3)

	f := &failing{TB: t}
	require.False(t, remotetest.Converge(f, srv.Collection("rentals"), func(context.Context) error { return errors.New("broken") }, rows))
	require.Equal(t, "remotetest: rentals: a run without faults: broken", f.said)
	f = &failing{TB: t}
	srv.Advance(time.Minute)
	require.False(t, remotetest.Converge(f, srv.Collection("rentals"), sync, func() ([]remotetest.Record, error) { return nil, errors.New("no table") }))
	require.Equal(t, "remotetest: rentals: local rows: no table", f.said)
}
