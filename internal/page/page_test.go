package page_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/stagetest"
)

func TestReceive(t *testing.T) {
	t.Parallel()
	maker := stagetest.Maker(stagetest.Rentals(t))
	require.Nil(t, maker.Receive(nil))

	texts := make([]string, 500) // enough for all cores
	for i := range texts {
		texts[i] = fmt.Sprintf(`{"id":%d,"name":"n%d"}`, i+1, i+1)
	}
	texts[99] = `{"name":"no id"}`
	got := maker.Receive(stagetest.Page(t, texts...))
	require.Len(t, got.Records, 500)
	for i := range got.Records {
		if r := &got.Records[i]; i == 99 {
			require.Error(t, r.Err)
		} else {
			require.NoError(t, r.Err)
			require.Equal(t, backend.IntID(int64(i+1)), r.ID, "in the order of the objects")
		}
	}
	require.NotEqual(t, got.Records[0].Hash, got.Records[1].Hash)
	require.False(t, got.Mapped(), "not before it is known to differ")
	row, err := got.Records[0].Map()
	require.NoError(t, err)
	require.Equal(t, &stagetest.Rental{AccountID: stagetest.Scope, SyncedID: 1, Name: "n1"}, row.Value)
	require.True(t, got.Mapped())

	maker.Eager.Store(true)
	require.True(t, maker.Receive(stagetest.Page(t, `{"id":1,"name":"x"}`)).Mapped())
}

func TestRecord_ErrorsNameTheRecord(t *testing.T) {
	t.Parallel()
	maker := stagetest.Maker(stagetest.Rentals(t))
	got := maker.Receive(stagetest.Page(t, `{"id":7,"name":8}`))
	_, err := got.Records[0].Map()
	var of *model.RecordError
	require.ErrorAs(t, err, &of)
	require.Equal(t, "7", of.Record)
	require.ErrorContains(t, err, "name")

	got.Records[0].Refuse(errors.New("no"))
	_, err = got.Records[0].Map()
	require.EqualError(t, err, "no")
}

func TestPage_Written(t *testing.T) {
	t.Parallel()
	record := func(id int64, o backend.Outcome) *page.Record {
		return &page.Record{Record: backend.Record{ID: backend.IntID(id)}, Outcome: o}
	}
	p := page.Page{Records: []*page.Record{
		record(1, backend.Outcome{Change: backend.Created}),
		record(2, backend.Outcome{Change: backend.Older}),
		record(3, backend.Outcome{Err: errors.New("quarantined")}),
		record(4, backend.Outcome{Change: backend.Unchanged}),
		record(5, backend.Outcome{Change: backend.Restored}),
	}}
	require.Len(t, p.IDs(), 5)
	var written, appeared []string
	for _, r := range p.Written() {
		written = append(written, r.ID.String())
		if r.Appeared() {
			appeared = append(appeared, r.ID.String())
		}
	}
	require.Equal(t, []string{"1", "4", "5"}, written)
	require.Equal(t, []string{"1", "5"}, appeared)
}
