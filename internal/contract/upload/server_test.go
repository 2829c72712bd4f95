package upload_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/upload"
)

// ask makes a request of acme's till, and returns the status and the answer.
func (w *world) ask(t testing.TB, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = "/v1/customers/acme/databases/till/tables/" + path
	}
	r, err := http.NewRequestWithContext(t.Context(), method, w.server.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+tokens+"acme")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := w.server.Client().Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, strings.TrimSpace(string(text))
}

// shape is that of notes, which some tests make by hand.
const shape = `{"key":["id"],"columns":[{"name":"id","kind":"int"},{"name":"text","kind":"text"}]}`

func TestContract_C356_AnotherClientsDatabaseIsNotFound(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		status, _ := w.ask(t, "PUT", "notes", shape)
		require.Equal(t, 200, status)
		status, _ = w.ask(t, "POST", "notes", `{"columns":["id","text"],"rows":[[1,1,"acme's"]],"through":1}`)
		require.Equal(t, 200, status)
		other := []string{"Authorization", "Bearer " + tokens + "other"}
		for _, one := range [][2]string{{"GET", "notes"}, {"POST", "notes"}, {"PUT", "notes"}, {"DELETE", "notes?all"}, {"GET", "notes/manifest"}, {"POST", "notes/reconcile"}} {
			status, text := w.ask(t, one[0], one[1], "{}", other...)
			require.Equal(t, 404, status, one)
			never, _ := w.ask(t, one[0], strings.Replace("/v1/customers/acme/databases/none/tables/"+one[1], "notes", "none", 1), "{}", other...)
			require.Equal(t, status, never, "as one that there is not")
			require.NotContains(t, text, "acme's")
			status, _ = w.ask(t, one[0], one[1], "{}", "Authorization", "")
			require.Equal(t, 401, status, one)
		}
		theirs := "/v1/customers/other/databases/till/tables/notes"
		status, _ = w.ask(t, "PUT", theirs, shape, other...)
		require.Equal(t, 200, status)
		status, _ = w.ask(t, "POST", theirs, `{"columns":["id","text"],"rows":[[1,1,"other's"]],"through":1}`, other...)
		require.Equal(t, 200, status)
		status, _ = w.ask(t, "DELETE", theirs+"?all", "", other...)
		require.Equal(t, 200, status)
		require.Equal(t, []string{"acme|acme's"}, column(t, w.remote, "SELECT upload_client || '|' || text FROM upload_notes"))
		status, _ = w.ask(t, "GET", "/health", "", "Authorization", "")
		require.Equal(t, 200, status)
	})
}

func TestContract_C357_RequestsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite", "sqlite", func(o *upload.HandlerOptions) { o.MaxRows, o.MaxBytes = 10, 5000 })
	status, _ := w.ask(t, "PUT", "notes", shape)
	require.Equal(t, 200, status)
	row := `[1,1,"` + strings.Repeat("a", 100) + `"],`
	large := `{"columns":["id","text"],"rows":[` + strings.Repeat(row, 100) + `[2,2,"b"]],"through":2}`
	status, _ = w.ask(t, "POST", "notes", large)
	require.Equal(t, 413, status, "bytes")
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	_, _ = zip.Write([]byte(strings.Repeat(" ", 1<<20) + large))
	require.NoError(t, zip.Close())
	require.Less(t, bomb.Len(), 5000)
	status, _ = w.ask(t, "POST", "notes", bomb.String(), "Content-Encoding", "gzip")
	require.Equal(t, 413, status, "bytes after decompression")
	status, _ = w.ask(t, "POST", "notes", `{"columns":["id","text"],"rows":[`+strings.Repeat(`[1,1,"a"],`, 11)+`[2,2,"b"]],"through":2}`)
	require.Equal(t, 413, status, "rows")
	status, _ = w.ask(t, "DELETE", "notes", `{"keys":[`+strings.Repeat(`[1],`, 11)+`[2]]}`)
	require.Equal(t, 413, status, "keys")
	for _, bad := range []string{"", "{", "[]", `{"rows":1}`, `{"other":1}`, `{"columns":["id"],"rows":[[1]],"through":1}`, strings.Repeat("[", 4000), "\x00"} {
		status, text := w.ask(t, "POST", "notes", bad)
		require.Equal(t, 400, status, "%q: %s", bad, text)
	}
	for _, bad := range []string{`{"ranges":["x"]}`, `{"ranges":["0123456789abcdef"]}`, `{"leaves":[{"range":"0","hashes":"AA=="}]}`} {
		status, _ = w.ask(t, "POST", "notes/reconcile", bad)
		require.Equal(t, 400, status, bad)
	}
	status, text := w.ask(t, "POST", "notes", `{"columns":["id","text"],"rows":[[1,1,"a"],[2,"x","a"]],"through":2}`)
	require.Equal(t, []any{422, `{"error":"column \"id\": \"x\" is not an integer of 64 bits","row":1}`}, []any{status, text})
	require.Empty(t, column(t, w.remote, "SELECT text FROM upload_notes"), "a request is stored as a whole, or not at all")
}

func TestContract_C358_ShapesGrowAndWhatDoesNotFitIsAnError(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 50, "first")
		c := w.client(t, []upload.Table{{Name: "villas", Changes: upload.Triggers{}}})
		finish(t, c)
		exec(t, w.local, "ALTER TABLE villas ADD COLUMN view text")
		exec(t, w.local, "UPDATE villas SET view = 'sea' WHERE id = 3")
		r := finish(t, c)
		require.Equal(t, 1, r.Uploaded, "rows without a value are the same")
		require.Equal(t, []string{"sea"}, column(t, w.remote, "SELECT view FROM upload_villas WHERE view IS NOT NULL"))
		w.equal(t)

		// Another database's table has other columns, and one that does not fit.
		status, _ := w.ask(t, "PUT", "/v1/customers/acme/databases/desk/tables/villas", `{"key":["id"],"columns":[{"name":"id","kind":"int"},{"name":"pool","kind":"bool"}]}`)
		require.Equal(t, 200, status)
		finish(t, c)
		status, text := w.ask(t, "PUT", "/v1/customers/acme/databases/desk/tables/villas", `{"key":["id"],"columns":[{"name":"id","kind":"int"},{"name":"beds","kind":"text"}]}`)
		require.Equal(t, 409, status)
		require.Contains(t, text, `column \"beds\" is of kind int and not text`)
		status, _ = w.ask(t, "PUT", "/v1/customers/acme/databases/desk/tables/villas", `{"key":["name"],"columns":[{"name":"name","kind":"text"}]}`)
		require.Equal(t, 409, status)
		for _, bad := range []string{
			`{}`, `{"key":["id"],"columns":[{"name":"id","kind":"money"}]}`, `{"key":["id"],"columns":[{"name":"upload_client","kind":"int"}]}`,
			`{"key":["id"],"columns":[{"name":"i\"d","kind":"int"}]}`, `{"key":["id"],"columns":[{"name":"id","kind":"bytes"}]}`,
		} {
			status, _ = w.ask(t, "PUT", "others", bad)
			require.Equal(t, 400, status, bad)
		}

		exec(t, w.local, "DROP TABLE villas")
		exec(t, w.local, "CREATE TABLE villas (id bigint PRIMARY KEY, beds text)")
		exec(t, w.local, "INSERT INTO villas VALUES (1, 'two')")
		_, err := w.client(t, []upload.Table{{Name: "villas"}}).Step(t.Context())
		require.ErrorContains(t, err, `column "beds" is of kind int and not text`)
		require.Len(t, column(t, w.remote, "SELECT name FROM upload_villas"), 50, "no row was touched")
	})
}

func TestContract_C363_AnUploadThatComesTwiceOrLateChangesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		status, _ := w.ask(t, "PUT", "notes", shape)
		require.Equal(t, 200, status)
		first := `{"columns":["id","text"],"rows":[[1,1,"a"],[2,2,"b"]],"through":2}`
		_, once := w.ask(t, "POST", "notes", first)
		_, twice := w.ask(t, "POST", "notes", first)
		require.Equal(t, once, twice)
		_, now := w.ask(t, "POST", "notes", `{"columns":["id","text"],"rows":[[3,1,"c"]],"gone":[[4,[2]]],"through":4}`)
		_, late := w.ask(t, "POST", "notes", `{"columns":["id","text"],"rows":[[1,1,"a"]],"through":2}`)
		require.Equal(t, now, late)
		require.Equal(t, []string{"1|c"}, column(t, w.remote, "SELECT CAST(id AS text) || '|' || text FROM upload_notes"))

		// A copy of the local database is restored: what came after it is deleted.
		_, _ = w.ask(t, "POST", "notes", `{"columns":["id","text"],"rows":[[5,5,"e"],[6,6,"f"]],"through":6}`)
		status, text := w.ask(t, "DELETE", "notes?above=5", "")
		require.Equal(t, 200, status)
		require.Contains(t, text, `"count":2,"version":5`)
		_, text = w.ask(t, "GET", "notes/manifest", "")
		var list struct {
			Rows []struct {
				Key     []int
				Version int
			}
		}
		require.NoError(t, json.Unmarshal([]byte(text), &list))
		require.Len(t, list.Rows, 2)
		_, text = w.ask(t, "DELETE", "notes", `{"keys":[[5],[77]]}`)
		require.Contains(t, text, `"count":1`)
		_, text = w.ask(t, "DELETE", "notes?all", "")
		require.Contains(t, text, `"count":0,"version":5,"sum":"00000000000000000000000000000000"`)
	})
}

func TestContract_C364_AnIdleClientCostsOneRow(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 500, "first")
		c := w.client(t, []upload.Table{{Name: "villas", Changes: upload.Triggers{}}})
		finish(t, c)
		var status int
		w.hook(func(rw http.ResponseWriter, r *http.Request) bool {
			w.handler.ServeHTTP(&noting{rw, &status}, r)
			return true
		})
		r := step(t, c)
		require.Equal(t, []any{true, 1, int64(0), http.StatusNotModified}, []any{r.Equal, r.Requests, r.Bytes, status})

		exec(t, w.remote, "DELETE FROM upload_villas") // the summary is kept, not counted
		require.True(t, step(t, c).Equal)
	})
}

// noting notes the status of an answer.
type noting struct {
	http.ResponseWriter
	status *int
}

func (n *noting) WriteHeader(status int) {
	*n.status = status
	n.ResponseWriter.WriteHeader(status)
}
