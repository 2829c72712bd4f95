package recipes

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/store"
)

// pageSize is how many records a fake sends at most, within what was asked for.
const pageSize = 3

// entry is a record of a fake, which each API shows in its own way.
type entry struct {
	id      int
	name    string
	at      time.Time
	deleted bool
}

// object is JSON.
type object = map[string]any

// api is how a fake answers. What is wrong with a request is refused, as the API does.
type api struct {
	header      string // that has the credentials; Authorization by default
	credentials string
	known       []string // the parameters that it knows
	// serve answers a request whose credentials are right and whose parameters are known.
	serve func(f *fake, w http.ResponseWriter, r *http.Request)
	// began is when its records were made; a day in 2026 by default.
	began time.Time
	// limited answers the third request, as one too many.
	limited func(w http.ResponseWriter)
}

// fake is the records of an API, and its clock: each change is an hour after the one
// before. Its records are kept in step with a database of its own.
type fake struct {
	api
	mu       sync.Mutex
	now      time.Time
	entries  []entry
	requests int
	asked    map[string]int // good requests, by their paths
	refused  int            // requests from too long ago
	jobs     []*job         // nil where one was deleted
	url      string
	db       store.Store
}

// job is one that exports the records as they were when it was started.
type job struct {
	state string
	at    time.Time
	found []entry
}

// start starts a job, and returns its number.
func (f *fake) start(state string, found []entry) int {
	f.jobs = append(f.jobs, &job{state, f.now, slices.Clone(found)})
	return len(f.jobs)
}

// job finds a job by the end of its id, nil where there is none.
func (f *fake) job(id string) *job {
	n, err := strconv.Atoi(id[max(0, len(id)-4):])
	if err != nil || n < 1 || n > len(f.jobs) {
		return nil
	}
	return f.jobs[n-1]
}

// against runs a test against a fake with eight records, on both stores.
func against(t *testing.T, a api, test func(t *testing.T, f *fake)) {
	t.Helper()
	t.Parallel()
	for name, db := range map[string]func(t *testing.T) migrated{"sqlite": sqliteFile, "postgres": postgresDatabase} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{api: a, asked: map[string]int{}}
			if f.began.IsZero() {
				f.began = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
			}
			f.now = f.began
			for id := 101; id <= 108; id++ {
				f.entries = append(f.entries, entry{id: id, name: fmt.Sprint("Name ", id), at: f.now})
			}
			f.now = f.now.Add(time.Hour)
			srv := httptest.NewServer(f)
			t.Cleanup(srv.Close)
			f.url = srv.URL
			opened := db(t)
			require.NoError(t, opened.Migrate(t.Context()))
			f.db = opened
			test(t, f)
		})
	}
}

// ServeHTTP answers a request, as serve does where nothing is wrong with it.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	w.Header().Set("Date", f.now.Format(http.TimeFormat))
	if f.requests == 3 && f.limited != nil {
		f.limited(w)
		return
	}
	if r.Header.Get(cmp.Or(f.header, "Authorization")) != f.credentials {
		refuse(w, http.StatusUnauthorized, "credentials")
		return
	}
	for name := range r.URL.Query() {
		if !slices.Contains(f.known, name) {
			refuse(w, http.StatusBadRequest, "unknown parameter "+name)
			return
		}
	}
	f.asked[r.URL.Path]++
	f.serve(f, w, r)
}

// change gives a record another name, an hour later.
func (f *fake) change(i int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(time.Hour)
	f.entries[i].name, f.entries[i].at = fmt.Sprint("Changed ", f.now.Hour()), f.now
	f.now = f.now.Add(time.Hour)
}

// remove deletes a record, an hour later.
func (f *fake) remove(i int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(time.Hour)
	f.entries[i].deleted, f.entries[i].at = true, f.now
	f.now = f.now.Add(time.Hour)
}

// wait moves the clock on.
func (f *fake) wait(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

// live returns the records that are there, changed since a time.
func (f *fake) live(since time.Time) (found []entry) {
	for _, e := range f.entries {
		if !e.deleted && !e.at.Before(since) {
			found = append(found, e)
		}
	}
	return found
}

// find returns a record that is there.
func (f *fake) find(id string) (entry, bool) {
	for _, e := range f.entries {
		if strconv.Itoa(e.id) == id && !e.deleted {
			return e, true
		}
	}
	return entry{}, false
}

// page cuts what comes after the first from records, and reports whether there is more.
func page(all []entry, from int) (part []entry, more bool) {
	from = min(from, len(all))
	to := min(from+pageSize, len(all))
	return all[from:to], to < len(all)
}

// shown shows records in the API's way; none are an empty list.
func shown(all []entry, show func(e entry) object) []object {
	objects := []object{}
	for _, e := range all {
		objects = append(objects, show(e))
	}
	return objects
}

// number returns a parameter, or what it defaults to.
func number(r *http.Request, name string, otherwise int) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil {
		return otherwise
	}
	return n
}

// since reads a parameter as a time; none is long ago.
func since(w http.ResponseWriter, r *http.Request, name, layout string) (time.Time, bool) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return time.Time{}, true
	}
	at, err := time.Parse(layout, text)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
	}
	return at, err == nil
}

// link sets the header Link to a page of the same list.
func link(w http.ResponseWriter, r *http.Request, query url.Values) {
	w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?%s>; rel="next"`, r.Host, r.URL.Path, query.Encode()))
}

// with returns the request's parameters with others.
func with(r *http.Request, name string, value any) url.Values {
	query := r.URL.Query()
	query.Set(name, fmt.Sprint(value))
	return query
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.WriteHeader(status)
	answer(w, object{"message": why})
}

func answer(w http.ResponseWriter, body any) {
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}

// tooMany makes an answer that blames too many requests: a status, headers, and a text, or what
// becomes JSON.
func tooMany(status int, header http.Header, body any) func(w http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		if text, ok := body.(string); ok {
			fmt.Fprint(w, text)
			return
		}
		answer(w, body)
	}
}

// known makes the list of an API's parameters.
func known(names ...string) []string { return names }

// must returns what a recipe declares, given that it is no error.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

// basic returns the header of a user's name and password.
func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}
