package plan

import (
	"bytes"
	"io"
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// answer answers each request with one body.
type answer []byte

func (a answer) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(bytes.NewReader(a)), ContentLength: int64(len(a))}, nil
}

// FuzzPage: any body becomes objects, ids and rows, or an error on the way. It is
// all or nothing: a page with an error has no objects. What is accepted does not
// depend on who else is on the page: each object alone gives the same row.
func FuzzPage(f *testing.F) {
	for _, body := range []string{
		`{"rentals":[{"id":1,"text":"one","uint8":7},{"id":2,"at":"2026-01-02T03:04:05Z"}],"links":{},"meta":{"deleted_ids":[3,"4"],"total":2}}`,
		`{"rentals":[{"id":1},{"id":1}]}`, `{"rentals":[{"id":1},7]}`, `{"rentals":[{"id":1}`, `{"rentals":[{"text":"\u0000"}]}`, `{"rentals":[{"id":"1"}]}`,
		`{"rentals":[{"id":1,"text":"\ud800"}]}`, "{\"rentals\":[{\"id\":1,\"text\":\"\xff\"}]}", `[{"id":1}]`, `{"rentals":{"id":1}}`, `{"rentals":null}`, ``, `{"rentals":[],"rentals":[]}`,
		`{"rentals":[{"id":9223372036854775808}],"meta":{"total":"many"}}`, `{"rentals":[{"id":1,"any":{"a":[[[[[1e400]]]]]}}]}`,
	} {
		f.Add([]byte(body))
	}
	p, err := New(reflect.TypeFor[everyKind](), Options{IDColumn: "synced_id", Map: func(remote.Object, any) error { return nil }})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := rest.NewClient(rest.Config{BaseURL: "http://api.example", HTTP: &http.Client{Transport: answer(bytes.Clone(body))},
			Retry: wire.Retry{Max: -1}, TotalPath: "meta.total", Deleted: rest.Deleted{Path: "meta.deleted_ids"}})
		if err != nil {
			t.Fatal(err)
		}
		pages := 0
		for page, err := range c.Pages(t.Context(), remote.Request{Endpoint: "rentals"}) {
			if err != nil {
				if page != nil && page.Objects != nil {
					t.Fatalf("%d objects beside the error %v", len(page.Objects), err)
				}
				return
			}
			if pages++; pages > 1 {
				return
			}
			for _, v := range page.DeletedIDs {
				_, _ = p.ParseID(v)
			}
			for _, o := range page.Objects {
				checkObject(t, p, o)
			}
		}
	})
}

// checkObject maps an object of a page, and once more by itself. One that is
// invalid is not mapped.
func checkObject(t *testing.T, p *Plan, o remote.Object) {
	t.Helper()
	alone, err := remote.ParseObject(bytes.Clone(o.Raw()))
	if o.Err() != nil {
		_, _ = p.ID(o)
		if _, mapped := p.Map(o); err == nil || mapped == nil {
			t.Fatalf("%q was mapped, though it is invalid", o.Raw())
		}
		return
	}
	if err != nil {
		t.Fatalf("%q was on a page: %v", o.Raw(), err)
	}
	id, err := p.ID(o)
	if again, err2 := p.ID(alone); again != id || (err == nil) != (err2 == nil) {
		t.Fatalf("%q: ids %v and %v", o.Raw(), id, again)
	}
	if err != nil {
		return
	}
	rec, err := p.Map(o)
	again, err2 := p.Map(alone)
	if (err == nil) != (err2 == nil) {
		t.Fatalf("%q: %v, alone %v", o.Raw(), err, err2)
	}
	if err != nil {
		checkRecordError(t, err)
		return
	}
	if id != backend.IntID(rec.Value.(*everyKind).SyncedID) {
		t.Fatalf("%q: id %v, but the row has %d", o.Raw(), id, rec.Value.(*everyKind).SyncedID)
	}
	for i, column := range p.Columns() {
		if !column.Equal(rec.Pointers[i], again.Pointers[i]) {
			t.Fatalf("%q: column %s differs when mapped alone", o.Raw(), column.Name)
		}
	}
}
