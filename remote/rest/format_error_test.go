package rest_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
)

const jsonType = "application/json"

func TestFormatError_Bodies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ contentType, body, want string }{
		"HTML":               {"text/html; charset=utf-8", "\n<html>\n <b>Log  in</b></html>", "the answer is text/html, not JSON: <html> <b>Log in</b></html>"},
		"text":               {"text/plain", "hello", "the answer is text/plain, not JSON: hello"},
		"empty":              {jsonType, "", "the answer is empty"},
		"white space":        {jsonType, " \n", "the answer is empty"},
		"not JSON":           {jsonType, "nope", "invalid JSON: "},
		"a string":           {jsonType, `"x"`, "a string, not an object"},
		"null":               {jsonType, `null`, "null, not an object"},
		"bare list":          {jsonType, `[{"id":1}]`, `a bare list, not an object with "rentals": set rest.Config.RecordsKey: rest.Root: [`},
		"no key":             {jsonType, `{"links":{},"meta":{}}`, `no "rentals" in the envelope, found links (an object), meta (an object): set rest.Config.RecordsKey to the path of the list: {`},
		"no key, nothing":    {jsonType, `{}`, `no "rentals" in the envelope, found nothing`},
		"key in another":     {jsonType, `{"data":{"rentals":[]}}`, `found data (an object): set rest.Config.RecordsKey to the path of the list, such as "data.rentals": {`},
		"key misspelled":     {jsonType, `{"ids":[1],"data":[{"id":1}],"ok":true}`, `found ids (a list), data (a list), ok (a boolean): set rest.Config.RecordsKey to the path of the list, such as "data": {`},
		"errors instead":     {jsonType, `{"errors":[{"message":"no"}],"data":null}`, `found errors (a list), data (null): set rest.Config.RecordsKey to the path of the list: {`},
		"deleted, an object": {jsonType, `{"rentals":[],"meta":{"deleted_ids":{}}}`, "meta.deleted_ids: an object, not a list: set rest.Config.Deleted.Path to the path of the list of deleted ids, or to rest.None (byte"},
		"list within":        {jsonType, `{"rentals":{"items":[]}}`, `rentals: an object, not a list: set rest.Config.RecordsKey to the path of the list, such as "rentals.items" (byte`},
		"null records":       {jsonType, `{"rentals":null}`, "rentals: null, not a list"},
		"one record":         {jsonType, `{"rentals":{"id":1}}`, "rentals: an object, not a list"},
		"records of 1":       {jsonType, `{"rentals":[{"id":1},{},7]}`, "rentals[2]: a number, not an object"},
		"ids alone":          {jsonType, `{"rentals":[7,8]}`, "rentals[0]: a number, not an object: where the list has ids alone, set rest.Config.BareIDs"},
		"null record":        {jsonType, `{"rentals":[null]}`, "rentals[0]: null, not an object"},
		"list record":        {jsonType, `{"rentals":[[]]}`, "rentals[0]: a list, not an object"},
		"deleted object":     {jsonType, `{"rentals":[],"meta":{"deleted_ids":{}}}`, "meta.deleted_ids: an object, not a list"},
		"deleted number":     {jsonType, `{"rentals":[],"meta":{"deleted_ids":7}}`, "meta.deleted_ids: a number, not a list"},
		"deleted lists":      {jsonType, `{"rentals":[],"meta":{"deleted_ids":[1,[2]]}}`, "meta.deleted_ids[1]: a list, not a number or a string"},
		"two values":         {jsonType, `{"rentals":[]} {"rentals":[]}`, "more than one JSON value"},
		"trailing":           {jsonType, `{"rentals":[]}}`, "more than one JSON value"},
		"duplicate":          {jsonType, `{"rentals":[{"id":1}],"meta":{"id":2,"id":3}}`, "invalid JSON at /meta/id: duplicate object member name"},
		"duplicate records":  {jsonType, `{"rentals":[{"id":1}],"rentals":[]}`, "duplicate object member name"},
		"invalid UTF-8":      {jsonType, "{\"rentals\":[{\"id\":1}],\"meta\":\"\xff\"}", "invalid JSON at /meta: invalid UTF-8"},
		"lone surrogate":     {jsonType, `{"rentals":[],"name":"\ud800"}`, "invalid JSON at /name: invalid surrogate pair"},
		"missing comma":      {jsonType, `{"rentals":[{"id":1}{"id":2}]}`, "invalid JSON at /rentals: invalid character '{'"},
		"cut in a record":    {jsonType, `{"rentals":[{"id":1},{"id"`, "the body is cut short (byte 26)"},
		"cut after records":  {jsonType, `{"rentals":[{"id":1}]`, "the body is cut short"},
		"cut in skipped":     {jsonType, `{"rentals":[],"links":{"a`, "the body is cut short"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, rest.Config{PerPage: 5}, answer(200, c.contentType, c.body))
			pages, err := rentals(t, client)
			require.Empty(t, pages)
			var format *remote.FormatError
			require.ErrorAs(t, err, &format)
			require.Equal(t, "GET", format.Method)
			require.Equal(t, 1, format.Page)
			require.LessOrEqual(t, format.Offset, int64(len(c.body)))
			require.Contains(t, err.Error(), "/api/rentals?per_page=5: ")
			require.Contains(t, err.Error(), c.want)
			switch {
			case strings.Contains(c.want, "found"), name == "bare list":
				require.ErrorIs(t, err, remote.ErrNoRecords)
			case strings.Contains(c.want, "cut"):
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			case strings.Contains(c.want, "invalid JSON"):
				var syntax *jsontext.SyntacticError
				require.ErrorAs(t, err, &syntax)
			}
		})
	}
}

func TestClient_AcceptsWhatIsUnusual(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config      rest.Config
		contentType string
		body        string
		objects     int
		deleted     []remote.Value
	}{
		"text/plain":      {rest.Config{}, "text/plain", `{"rentals":[{"id":1}]}`, 1, nil},
		"NUL":             {rest.Config{}, jsonType, `{"rentals":[{"name":"\u0000"}]}`, 1, nil},
		"white space":     {rest.Config{}, jsonType, " {\n\"rentals\" : [ {} , {} ] } \n", 2, nil},
		"key last":        {rest.Config{}, jsonType, `{"meta":{"deleted_ids":[1]},"links":[{}],"rentals":[]}`, 0, []remote.Value{[]byte("1")}},
		"null deleted":    {rest.Config{}, jsonType, `{"rentals":[],"meta":{"deleted_ids":null}}`, 0, nil},
		"none deleted":    {rest.Config{}, jsonType, `{"rentals":[],"meta":{"deleted_ids":[]}}`, 0, []remote.Value{}},
		"string ids":      {rest.Config{}, jsonType, `{"rentals":[],"meta":{"deleted_ids":["a", 9007199254740993]}}`, 0, []remote.Value{[]byte(`"a"`), []byte("9007199254740993")}},
		"meta of a list":  {rest.Config{}, jsonType, `{"rentals":[],"meta":[]}`, 0, nil},
		"meta null":       {rest.Config{}, jsonType, `{"rentals":[],"meta":null}`, 0, nil},
		"another key":     {rest.Config{RecordsKey: "items"}, jsonType, `{"items":[{}],"rentals":7}`, 1, nil},
		"a path":          {rest.Config{RecordsKey: "data.list", Deleted: rest.Deleted{Path: "data.gone"}}, jsonType, `{"data":{"gone":[1],"list":[{}]}}`, 1, []remote.Value{[]byte("1")}},
		"dots in a name":  {rest.Config{RecordsKey: "data.list"}, jsonType, `{"data.list":[{}],"data":{"list":[{},{}]}}`, 1, nil},
		"dots, later":     {rest.Config{RecordsKey: "data.list"}, jsonType, `{"data":{"list":[{},{}]},"data.list":[{}]}`, 1, nil},
		"data.items":      {rest.Config{RecordsKey: "data.items"}, jsonType, `{"data":{"kind":"x","items":[{}]}}`, 1, nil},
		"JSON:API":        {rest.Config{RecordsKey: "data"}, jsonType, `{"jsonapi":{},"data":[{"type":"x","id":"1","attributes":{}}],"links":{"next":null}}`, 1, nil},
		"a list":          {rest.Config{RecordsKey: rest.Root}, jsonType, ` [{"id":1},{}] `, 2, nil},
		"an empty list":   {rest.Config{RecordsKey: rest.Root}, jsonType, `[]`, 0, nil},
		"no deleted path": {rest.Config{Deleted: rest.Deleted{Path: rest.None}}, jsonType, `{"rentals":[],"meta":{"deleted_ids":7}}`, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pages, err := rentals(t, serve(t, c.config, answer(200, c.contentType, c.body)))
			require.NoError(t, err)
			require.Len(t, pages, 1)
			require.NotNil(t, pages[0].Objects)
			require.Len(t, pages[0].Objects, c.objects)
			require.Equal(t, c.deleted, pages[0].DeletedIDs)
			require.EqualValues(t, len(c.body), pages[0].Bytes)
			require.False(t, pages[0].TotalKnown)
		})
	}
}

func TestClient_ObjectsDoNotOverlap(t *testing.T) {
	t.Parallel()
	client := serve(t, rest.Config{}, answer(200, jsonType, `{"rentals":[{"id":1},{"id":2}]}`))
	pages, err := rentals(t, client)
	require.NoError(t, err)
	first := pages[0].Objects[0].Raw()
	_ = append(first, "XXXXXXXXXX"...)
	require.Equal(t, `{"id":2}`, string(pages[0].Objects[1].Raw()))
}

func TestFormatError_CutBodies(t *testing.T) {
	t.Parallel()
	srv, client := setup(t)
	for _, truncate := range []int{1, 200, -1} {
		srv.Fault(remotetest.Fault{Page: 2, Truncate: truncate})
		pages, err := rentals(t, client)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.ErrorContains(t, err, "the body is cut short")
		require.Len(t, pages, 1)
	}

	chunked := serve(t, rest.Config{}, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"rentals":[]}`))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	_, err := rentals(t, chunked)
	require.ErrorContains(t, err, "the body is cut short")
}

func TestClient_BodyBound(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	b.WriteString(`{"rentals":[`)
	for i := 0; b.Len() < 20<<20; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"text":"%s"}`, i, strings.Repeat("x", 1000))
	}
	b.WriteString(`]}`)
	body := b.Bytes()
	announced := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}
	chunked := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }
	var small bytes.Buffer
	z, err := gzip.NewWriterLevel(&small, gzip.BestSpeed)
	require.NoError(t, err)
	_, _ = z.Write(body)
	require.NoError(t, z.Close())
	zipped := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(small.Bytes())
	}
	for _, handler := range []http.HandlerFunc{announced, chunked, zipped} {
		pages, err := rentals(t, serve(t, rest.Config{MaxBodyBytes: int64(len(body))}, handler))
		require.NoError(t, err)
		require.Greater(t, len(pages[0].Objects), 20_000)
		require.EqualValues(t, len(body), pages[0].Bytes)
		for _, limit := range []int64{1 << 20, int64(len(body)) - 1} {
			_, err := rentals(t, serve(t, rest.Config{MaxBodyBytes: limit}, handler))
			require.ErrorIs(t, err, remote.ErrTooLarge)
			require.ErrorContains(t, err, fmt.Sprintf("the body is larger than %d bytes (MaxBodyBytes)", limit))
			var format *remote.FormatError
			require.ErrorAs(t, err, &format)
		}
	}
}

func TestClient_Headers(t *testing.T) {
	t.Parallel()
	get := func(t *testing.T, config rest.Config, name, value string) (*remote.Page, error) {
		t.Helper()
		client := serve(t, config, func(w http.ResponseWriter, r *http.Request) {
			w.Header()[name] = []string{value}
			answer(200, jsonType, `{"rentals":[]}`)(w, r)
		})
		pages, err := rentals(t, client)
		if err != nil {
			return nil, err
		}
		return pages[0], nil
	}
	for _, value := range []string{
		"2017-06-13 10:16:57 UTC", "2017-06-13 10:16:57 +0000", "2017-06-13T10:16:57Z",
		"2017-06-13T12:16:57+02:00", "Tue, 13 Jun 2017 10:16:57 GMT", "Tue, 13 Jun 2017 12:16:57 +0200",
	} {
		page, err := get(t, rest.Config{}, "X-Updated-Since-Request-Synced-At", value)
		require.NoError(t, err, value)
		require.Equal(t, "2017-06-13T10:16:57Z", page.SyncedAt.Format("2006-01-02T15:04:05Z07:00"), value)
	}
	for _, value := range []string{"yesterday", "2017-06-13 10:16:57", "2017-06-13 10:16:57 CEST", "2017-06-13 10:16:57 GMT+2", "1497349017"} {
		_, err := get(t, rest.Config{}, "X-Updated-Since-Request-Synced-At", value)
		var format *remote.FormatError
		require.ErrorAs(t, err, &format)
		require.ErrorContains(t, err, `header X-Updated-Since-Request-Synced-At: "`+value+`" is not a time`)
	}
	for _, value := range []string{"many", "-1", "1.5", "99999999999999999999"} {
		_, err := get(t, rest.Config{}, "X-Total-Count", value)
		require.ErrorContains(t, err, `header X-Total-Count: "`+value+`" is not a count`)
	}
	page, err := get(t, rest.Config{TotalHeader: rest.None}, "X-Total-Count", "many")
	require.NoError(t, err)
	require.False(t, page.TotalKnown)
	page, err = get(t, rest.Config{TotalHeader: "Total"}, "Total", "0")
	require.NoError(t, err)
	require.True(t, page.TotalKnown)
	require.Zero(t, page.Total)
}
