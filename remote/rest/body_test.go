package rest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// packed compresses a body.
func packed(body string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, body)
	_ = w.Close()
	return b.String()
}

// texts are the objects of pages, as they are written.
func texts(pages []*remote.Page) []string {
	all := []string{}
	for _, page := range pages {
		for _, o := range page.Objects {
			all = append(all, string(o.Raw()))
		}
	}
	return all
}

// hangUp answers as an HTTP/1.0 server does: the body ends where the connection does.
func hangUp(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = buf.WriteString("HTTP/1.0 200 OK\r\nDate: Thu, 01 Jan 2026 12:00:00 GMT\r\n\r\n" + body)
		_ = buf.Flush()
	}
}

func TestBody(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		body   rest.Body
		text   string
		expect []string
	}{
		{"lines", rest.NDJSON{}, "{\"id\":1}\n\n {\"id\":12345678901234567890}\r\n{\"id\":3}", []string{`{"id":1}`, `{"id":12345678901234567890}`, `{"id":3}`}},
		{"a byte order mark", rest.NDJSON{}, "\xef\xbb\xbf{\"id\":1}\n", []string{`{"id":1}`}},
		{"no lines", rest.NDJSON{}, "", []string{}},
		{"CSV", rest.CSV{}, "\xef\xbb\xbfid,name\r\n1,\"a \"\"b\"\", c\nd\"\r\n2,\n", []string{`{"id":"1","name":"a \"b\", c\nd"}`, `{"id":"2","name":""}`}},
		{"another separator", rest.CSV{Comma: ';', Null: true}, "id;name\n1;a,b\n2;", []string{`{"id":"1","name":"a,b"}`, `{"id":"2","name":null}`}},
		{"what looks like a formula is data", rest.CSV{}, "id,name\n1,\"=HYPERLINK(\"\"x\"\")\"\n", []string{`{"id":"1","name":"=HYPERLINK(\"x\")"}`}},
		{"numbers", rest.CSV{Numbers: []string{"id"}}, "id,name\n7,1\n007,2\n 7,3\n", []string{`{"id":7,"name":"1"}`, `{"id":"007","name":"2"}`, `{"id":" 7","name":"3"}`}},
		{"an array", rest.JSONArray{}, "\xef\xbb\xbf [ {\"id\":1}\n, {\"id\":{\"a\":[]}} ] ", []string{`{"id":1}`, `{"id":{"a":[]}}`}},
		{"an empty array", rest.JSONArray{}, "[]", []string{}},
		{"a header alone", rest.CSV{}, "id,name\n", []string{}},
	} {
		for _, text := range []string{test.text, packed(test.text)} {
			c := serve(t, rest.Config{Body: test.body}, answer(http.StatusOK, "application/octet-stream", text))
			pages, err := rentals(t, c)
			require.NoError(t, err, test.name)
			require.Equal(t, test.expect, texts(pages), test.name)
			require.Empty(t, pages[len(pages)-1].Unended, test.name)
			require.False(t, pages[len(pages)-1].More)
		}
	}
}

func TestBody_Settings(t *testing.T) {
	t.Parallel()
	for _, config := range []rest.Config{
		{Body: rest.NDJSON{}, Pagination: rest.OnePage{}},
		{Body: rest.NDJSON{}, PerValue: rest.PerValue{Param: "status", Values: []string{"a", "b"}}},
		{Body: rest.NDJSON{}, TotalPath: "total"},
		{Body: rest.NDJSON{}, RecordsKey: "items"},
		{Body: rest.CSV{Comma: '"'}},
	} {
		config.BaseURL = "https://example.com"
		_, err := rest.NewClient(config)
		require.ErrorContains(t, err, "body: ")
	}
}

func TestBody_Wrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body         rest.Body
		label, text  string
		errorMessage string
	}{
		{rest.NDJSON{}, "text/html", "{}", "the answer is text/html"},
		{rest.NDJSON{}, "", " <html>", "looks like HTML"},
		{rest.NDJSON{}, "", "[{\"id\":1}]", "leave rest.Config.Body out"},
		{rest.NDJSON{}, "", "{\"id\":1}\nnull\n", "record 2: not a JSON object"},
		{rest.NDJSON{}, "", "{\"id\":1} {\"id\":2}\n", "record 1"},
		{rest.NDJSON{}, "", "{\"id\":1}\n{\"id\":x}\n", "record 2"},
		{rest.NDJSON{}, "", "PK\x03\x04", "ZIP"},
		{rest.JSONArray{}, "", "{}", "an object, not a list"},
		{rest.JSONArray{}, "", "[{},1]", "record 2: a number, not an object"},
		{rest.JSONArray{}, "", "[{}] []", "more than one JSON value"},
		{rest.JSONArray{}, "", "[{} {}]", "record 2"},
		{rest.CSV{}, "", "", "the answer is empty"},
		{rest.CSV{}, "application/json", "{}", "the answer is application/json"},
		{rest.CSV{}, "", "id,id\n", `two fields are named "id"`},
		{rest.CSV{}, "", "id,\n", "field 2 has no name"},
		{rest.CSV{}, "", "id,a\n1\n2,3\n", "record on line 2"},
		{rest.CSV{}, "", "\xff\xfei\x00d\x00", "UTF-16"},
	} {
		c := serve(t, rest.Config{Body: test.body}, answer(http.StatusOK, test.label, test.text))
		pages, err := rentals(t, c)
		require.ErrorContains(t, err, test.errorMessage, test.text)
		require.Empty(t, pages, test.text)
	}
}

// A record with a text that is not valid costs that record alone.
func TestBody_InvalidTexts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body rest.Body
		text string
	}{
		{rest.NDJSON{}, "{\"id\":\"1\",\"a\":\"\xff\"}\n{\"id\":\"2\",\"a\":\"\"}\n"},
		{rest.CSV{}, "id,a\n1,\xff\n2,\n"},
		{rest.JSONArray{}, "[{\"id\":\"1\",\"a\":\"\xff\"},{\"id\":\"2\",\"a\":\"\"}]"},
	} {
		for _, mend := range []bool{false, true} {
			c := serve(t, rest.Config{Body: test.body, ReplaceInvalid: mend}, answer(http.StatusOK, "", test.text))
			pages, err := rentals(t, c)
			require.NoError(t, err)
			require.Len(t, pages[0].Objects, 2)
			require.Equal(t, mend, pages[0].Objects[0].Err() == nil)
			require.NoError(t, pages[0].Objects[1].Err())
		}
	}
}

// A body is cut at each byte. It is an error, or the last page says that the end is not
// known; the records that come are those of the whole body.
func TestBody_CutShort(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body  rest.Body
		plain string
	}{
		{rest.NDJSON{}, "{\"id\":1,\"a\":\"x\"}\n{\"id\":2,\"a\":\"yy\"}\n"},
		{rest.CSV{}, "id,a\n1,x\n2,\"y,\ny\"\n"},
		{rest.JSONArray{}, "[{\"id\":1,\"a\":\"x\"},{\"id\":2,\"a\":\"yy\"}]"},
	} {
		body, plain := test.body, test.plain
		all := serve(t, rest.Config{Body: body}, answer(http.StatusOK, "", plain))
		pages, err := rentals(t, all)
		require.NoError(t, err)
		expect := texts(pages)
		for _, text := range []string{plain, packed(plain)} {
			at := 0
			told := serve(t, rest.Config{Body: body, Breaker: wire.Breaker{Failures: -1}}, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", fmt.Sprint(len(text)))
				_, _ = io.WriteString(w, text[:at])
			})
			silent := serve(t, rest.Config{Body: body, Breaker: wire.Breaker{Failures: -1}}, func(w http.ResponseWriter, r *http.Request) { hangUp(text[:at])(w, r) })
			for ; at < len(text); at++ {
				pages, err := rentals(t, told)
				require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%q", text[:at])
				require.Empty(t, pages)
				pages, err = rentals(t, silent)
				if err != nil {
					continue
				}
				require.NotEmpty(t, pages[len(pages)-1].Unended, "%q", text[:at])
				require.Subset(t, expect, texts(pages), "%q", text[:at])
			}
		}
	}
}

func TestBody_Bounds(t *testing.T) {
	endless := func(start, piece string, n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, start)
			for range n {
				if _, err := io.WriteString(z, piece); err != nil {
					return
				}
			}
			_ = z.Close()
		}
	}
	for start, body := range map[string]rest.Body{"": rest.NDJSON{}, "id\n": rest.CSV{}, `[{"a":"`: rest.JSONArray{}} {
		c := serve(t, rest.Config{Body: body, MaxBodyBytes: 1 << 16}, endless(start, strings.Repeat("0", 1<<16), 1<<14)) // a line of 1 GiB
		peak := peakOf(func() {
			_, err := rentals(t, c)
			require.ErrorIs(t, err, remote.ErrTooLarge)
		})
		require.Less(t, peak, uint64(32<<20))
	}
	c := serve(t, rest.Config{Body: rest.NDJSON{}, MaxBodyBytes: 1 << 12}, endless("", strings.Repeat("\n", 1<<16), 1<<10)) // 64 MiB
	_, err := rentals(t, c)
	require.ErrorIs(t, err, remote.ErrTooLarge)
	c = serve(t, rest.Config{Body: rest.NDJSON{}, MaxPages: 2}, endless("", "{\"id\":1}\n", 2001))
	_, err = rentals(t, c)
	require.ErrorIs(t, err, remote.ErrTooManyPages)
}

// The memory that a stream takes does not grow with the number of its records, nor with
// that of its files.
func TestBody_Memory(t *testing.T) {
	const n = 300_000
	for _, test := range []struct {
		body   rest.Body
		export *rest.Export
		files  int
	}{
		{rest.NDJSON{}, nil, 1},
		{rest.JSONArray{}, nil, 1},
		{rest.NDJSON{}, &rest.Export{Interval: 1, Files: "files"}, 30},
	} {
		t.Run(fmt.Sprintf("%T %d", test.body, test.files), func(t *testing.T) { memory(t, test.body, test.export, n, test.files) })
	}
}

func memory(t *testing.T, body rest.Body, export *rest.Export, n, files int) {
	c := serve(t, rest.Config{Body: body, Export: export}, func(w http.ResponseWriter, r *http.Request) {
		if export != nil && r.URL.Path == "/api/rentals" {
			w.Header().Set("Location", "/job")
			return
		}
		if r.URL.Path == "/job" {
			_, _ = io.WriteString(w, `{"files":["/file"`+strings.Repeat(`,"/file"`, files-1)+"]}")
			return
		}
		before, after, end := "", "\n", ""
		if body == (rest.JSONArray{}) {
			before, after, end = "[", ",", "{}]"
		}
		_, _ = io.WriteString(w, before)
		for i := range n / files {
			fmt.Fprintf(w, "{\"id\":%d,\"name\":\"a name that is rather long, so that there is something to keep\"}%s", i, after)
		}
		_, _ = io.WriteString(w, end)
	})
	seen := 0
	peak := peakOf(func() {
		for page, err := range c.Pages(t.Context(), remote.Request{Endpoint: "rentals"}) {
			require.NoError(t, err)
			seen += len(page.Objects)
		}
	})
	require.InDelta(t, n, seen, 1)
	require.Less(t, peak, uint64(24<<20))
}

// A request is repeated from the beginning, and nothing of the first try is seen; leaving
// early releases the permit and the connection.
func TestBody_Repeated(t *testing.T) {
	t.Parallel()
	handler, asked := script(
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "{\"id\":9}\n")
		},
		answer(http.StatusOK, "application/x-ndjson", strings.Repeat("{\"id\":1}\n", 2500)))
	c := serve(t, rest.Config{Body: rest.NDJSON{}, Retry: wire.Retry{Max: 1}, Limiter: wire.NewLimiter(wire.LimiterConfig{InFlight: 1})}, handler)
	pages, err := rentals(t, c)
	require.NoError(t, err)
	require.EqualValues(t, 2, asked.Load())
	require.Len(t, texts(pages), 2500)
	require.Len(t, pages, 3)
	require.True(t, pages[1].More)
	require.Equal(t, 2, pages[0].Requests)
	require.False(t, pages[2].Date.IsZero())
	for range 3 {
		for range c.Pages(t.Context(), remote.Request{Endpoint: "rentals"}) {
			break
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = collect(t, ctx, c, remote.Request{Endpoint: "rentals"})
	require.ErrorIs(t, err, context.Canceled)
}
