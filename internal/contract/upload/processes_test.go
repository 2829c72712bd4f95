package upload_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/upload"
)

func TestContract_C365_ProcessesOfAServerLearnShapesOfEachOther(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 50, "first")
		c := w.client(t, []upload.Table{{Name: "villas", Changes: upload.Triggers{}}})
		finish(t, c)
		other, err := upload.NewHandler(upload.HandlerOptions{DB: w.remote, Allow: allow})
		require.NoError(t, err)
		w.hook(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPut {
				other.ServeHTTP(rw, r)
			}
			return r.Method == http.MethodPut
		})
		exec(t, w.local, "ALTER TABLE villas ADD COLUMN view text")
		exec(t, w.local, "UPDATE villas SET view = 'sea' WHERE id = 3")
		require.Equal(t, 1, finish(t, c).Uploaded)
		require.Equal(t, []string{"sea"}, column(t, w.remote, "SELECT view FROM upload_villas WHERE view IS NOT NULL"))
		w.equal(t)
	})
}

func TestContract_C365_AShapeThatGrowsMeanwhileMovesNoValue(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, kind, kind)
			status, text := w.ask(t, "PUT", "notes", shape)
			require.Equal(t, 200, status, text)
			in, out := io.Pipe()
			answer, done := httptest.NewRecorder(), make(chan struct{})
			r := httptest.NewRequestWithContext(t.Context(), "POST", "/v1/customers/acme/databases/till/tables/notes", in)
			r.Header.Set("Authorization", "Bearer "+tokens+"acme")
			go func() {
				defer close(done)
				w.handler.ServeHTTP(answer, r)
			}()
			_, err := io.WriteString(out, `{"columns":["id","text"],"rows":[`+strings.Repeat(" ", 5000))
			require.NoError(t, err)
			grown := strings.Replace(shape, `"columns":[`, `"columns":[{"name":"about","kind":"text"},`, 1)
			status, text = w.ask(t, "PUT", "notes", grown)
			require.Equal(t, 200, status, text)
			_, err = io.WriteString(out, `[1,7,"seven"]],"through":1}`)
			require.NoError(t, err)
			require.NoError(t, out.Close())
			<-done
			require.Equal(t, 200, answer.Code, answer.Body)
			require.Equal(t, []string{"null|7|seven"}, column(t, w.remote, "SELECT "+texts("about", "id", "text")+" FROM upload_notes"))
		})
	}
}

func TestContract_C368_NamesOfTablesDoNotCollide(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, kind, kind, func(o *upload.HandlerOptions) { o.Partitions = 3 })
			tables := []string{"notes_pos", "notes", "notes_0", "notes_2", "notes_2_pos"}
			for n, name := range tables {
				n := 100 * (n + 1)
				status, text := w.ask(t, "PUT", name, shape)
				require.Equal(t, 200, status, text)
				for id := range 3 {
					body := fmt.Sprintf(`{"columns":["id","text"],"rows":[[%d,%d,"%s"]],"through":%d}`, n+id, id, name, n+id)
					status, text = w.ask(t, "POST", name, body)
					require.Equal(t, 200, status, text)
				}
			}
			for _, name := range tables {
				require.Equal(t, []string{name, name, name}, column(t, w.remote, "SELECT text FROM upload_"+name))
				require.Len(t, indexes(t, w, kind, "upload_"+name), 2)
			}
			status, _ := w.ask(t, "DELETE", "notes?all", "")
			require.Equal(t, 200, status)
			require.Len(t, column(t, w.remote, "SELECT text FROM upload_notes_0"), 3)
		})
	}
}

// indexes returns the names of a table's indexes.
func indexes(t *testing.T, w *world, kind, table string) []string {
	t.Helper()
	if kind == "postgres" {
		return column(t, w.remote, "SELECT indexname::text FROM pg_indexes WHERE tablename = ?", table)
	}
	return column(t, w.remote, "SELECT name FROM pragma_index_list(?)", table)
}

func TestContract_C368_NamesThatDifferInCaseAreOneTableInSQLite(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite", "sqlite")
	for _, one := range []struct {
		name, shape string
		status      int
	}{
		{"notes", shape, 200},
		{"Notes", shape, 409},
		{"notes", strings.ReplaceAll(shape, `"name":"text"`, `"name":"Text"`), 409},
	} {
		status, text := w.ask(t, "PUT", one.name, one.shape)
		require.Equal(t, one.status, status, text)
	}
	w = newWorld(t, "sqlite", "postgres")
	for _, name := range []string{"notes", "Notes"} {
		status, text := w.ask(t, "PUT", name, shape)
		require.Equal(t, 200, status, text)
	}
}

func TestContract_C368_ADatabaseHasANameThatAPathCanHave(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite", "sqlite")
	for _, bad := range []string{".", "..", "\x00", strings.Repeat("a", 201)} {
		for _, o := range []upload.Options{{Client: bad, Database: "till"}, {Client: "acme", Database: bad}} {
			o.DB, o.URL, o.Tables = w.local, w.server.URL, []upload.Table{{Name: "villas"}}
			_, err := upload.New(o)
			require.ErrorContains(t, err, "names of 1 to 200 bytes")
		}
	}
	for _, odd := range []string{"a/b", "ä ö", "%2e%2e", "?x#y"} {
		exec(t, w.local, "DROP TABLE IF EXISTS villas")
		exec(t, w.local, villas)
		put(t, w.local, 1, 3, "first")
		o := upload.Options{DB: w.local, URL: w.server.URL, Client: "acme", Database: odd, Token: tokens + "acme", Tables: []upload.Table{{Name: "villas"}}}
		c, err := upload.New(o)
		require.NoError(t, err)
		finish(t, c)
		require.Equal(t, []string{"3"}, column(t, w.remote, "SELECT CAST(count(*) AS text) FROM upload_villas WHERE upload_database = ?", odd))
	}
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/v1/customers/acme/databases/%2e%2e/tables/villas", nil))
	require.NotEqual(t, 200, answer.Code)
}
