package wire_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// sent notes the requests that a handler gets: "POST body".
type sent struct {
	mu       sync.Mutex
	requests []string
}

func (s *sent) note(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.requests = append(s.requests, r.Method+" "+string(body))
		s.mu.Unlock()
		h(w, r)
	}
}

func (s *sent) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func TestRequest_IsRepeatedWhereThatDoesNoHarm(t *testing.T) {
	t.Parallel()
	reset := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
	}
	for name, c := range map[string]struct {
		method     string
		repeatable bool
		first      http.HandlerFunc
		again      bool
	}{
		"GET, 503":                {http.MethodGet, false, with(503), true},
		"PUT, 503":                {http.MethodPut, false, with(503), true},
		"DELETE, a reset":         {http.MethodDelete, false, reset, true},
		"PUT, cut short":          {http.MethodPut, false, cut, true},
		"POST, 503":               {http.MethodPost, false, with(503), false},
		"POST, 503 and when":      {http.MethodPost, false, with(503, "Retry-After", "1"), false},
		"POST, 408":               {http.MethodPost, false, with(408), false},
		"POST, a reset":           {http.MethodPost, false, reset, false},
		"POST, cut short":         {http.MethodPost, false, cut, false},
		"PATCH, 500":              {http.MethodPatch, false, with(500), false},
		"POST, 429":               {http.MethodPost, false, with(429, "Retry-After", "1"), true},
		"POST, 425":               {http.MethodPost, false, with(425), true},
		"POST, 403, limited":      {http.MethodPost, false, with(403, "Retry-After", "1"), true},
		"repeatable POST, 503":    {http.MethodPost, true, with(503), true},
		"repeatable POST, reset":  {http.MethodPost, true, reset, true},
		"repeatable PATCH, cut":   {http.MethodPatch, true, cut, true},
		"POST, 400, as all other": {http.MethodPost, true, with(400), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got sent
			handler, _ := script(got.note(c.first), got.note(good))
			client := serve(t, wire.Config{Retry: wire.Retry{Max: 3}}, handler)
			answer, err := client.Do(t.Context(), &wire.Request{
				Method: c.method, URL: client.URL("bookings"), Body: []byte(`{"id":1}`), Repeatable: c.repeatable,
			})
			want := []string{c.method + ` {"id":1}`}
			if c.again {
				want = append(want, want[0])
				require.NoError(t, err)
				require.JSONEq(t, noRentals, string(answer.Body))
			} else {
				require.Error(t, err)
				require.NotErrorIs(t, err, remote.ErrBudgetSpent, "it can't just be asked again later")
			}
			require.Equal(t, want, got.all())
			require.Equal(t, len(want), answer.Requests)
		})
	}
}

func TestRequest_ThatWasNotSentIsRepeated(t *testing.T) {
	t.Parallel()
	n := 0
	client, err := wire.NewClient(wire.Config{BaseURL: "https://" + newHost(), Clock: newClock(), HTTP: &http.Client{
		Transport: tripper(func(r *http.Request) (*http.Response, error) {
			if n++; n == 1 {
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			}
			return status(r, 200), nil
		}),
	}})
	require.NoError(t, err)
	_, err = client.Do(t.Context(), &wire.Request{Method: http.MethodPost, URL: client.URL("bookings")})
	require.NoError(t, err)
	require.Equal(t, 2, n)
}

// renewing is credentials that may die.
type renewing struct{ token *string }

func (r renewing) Authorize(req *http.Request) error {
	req.Header.Set("Authorization", "Bearer "+*r.token)
	return nil
}

func (r renewing) Renew(*http.Request) error {
	*r.token = "new"
	return nil
}

func TestRequest_IsSentAgainWithOtherCredentials(t *testing.T) {
	t.Parallel()
	var got sent
	token := "old"
	client := serve(t, wire.Config{Auth: renewing{&token}}, got.note(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer new" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	_, err := client.Do(t.Context(), &wire.Request{Method: http.MethodPost, URL: client.URL("bookings"), Body: []byte("body")})
	require.NoError(t, err)
	require.Equal(t, []string{"POST body", "POST body"}, got.all())
}

func TestRequest_Redirects(t *testing.T) {
	t.Parallel()
	for status, again := range map[int]bool{301: false, 302: false, 303: false, 307: true, 308: true} {
		var got sent
		handler, _ := script(got.note(with(status, "Location", "/api/elsewhere")), got.note(good))
		client := serve(t, wire.Config{}, handler)
		_, err := client.Do(t.Context(), &wire.Request{Method: http.MethodPost, URL: client.URL("bookings"), Body: []byte("body")})
		want := []string{"POST body"}
		if again {
			want = append(want, "POST body")
			require.NoError(t, err)
		} else {
			var e *remote.Error
			require.ErrorAs(t, err, &e, "what was sent would become a GET")
			require.Equal(t, status, e.Status)
		}
		require.Equal(t, want, got.all(), status)
	}
}

func TestRequest_StaysOnTheHosts(t *testing.T) {
	t.Parallel()
	client, err := wire.NewClient(wire.Config{
		BaseURL: "https://api.example/v3", Hosts: []string{"https://pages.example"}, Auth: wire.Bearer(secret),
		HTTP: &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) { return status(r, 200), nil })},
	})
	require.NoError(t, err)
	for target, want := range map[string]error{
		"https://api.example/v3/a": nil, "https://API.example:443/b": nil, "https://pages.example/a": nil,
		"http://api.example/v3/a": remote.ErrForeignURL, "https://api.example:444/": remote.ErrForeignURL,
		"https://example/": remote.ErrForeignURL, "/relative": remote.ErrForeignURL,
	} {
		u, err := url.Parse(target)
		require.NoError(t, err)
		answer, err := client.Do(t.Context(), &wire.Request{URL: u})
		require.ErrorIs(t, err, want, target)
		require.Equal(t, want == nil, client.Allows(u))
		if want != nil {
			require.EqualError(t, err, "GET "+target+": leads to another host or scheme")
			require.Zero(t, answer.Requests)
		}
	}
}

func TestRequest_HeaderAndCondition(t *testing.T) {
	t.Parallel()
	client := serve(t, wire.Config{Header: http.Header{"Accept": {"text/csv"}, "X-Own": {"1"}}}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Seen", r.Header.Get("Accept")+" "+r.Header.Get("X-Own"))
		w.WriteHeader(http.StatusNotModified)
	})
	answer, err := client.Do(t.Context(), &wire.Request{
		URL: client.URL("rentals"), Header: http.Header{"accept": {"application/json"}, "If-None-Match": {`"1"`}},
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusNotModified, answer.Status)
	require.Empty(t, answer.Body)
	require.Equal(t, "application/json 1", answer.Header.Get("Seen"))

	_, err = client.Do(t.Context(), &wire.Request{URL: client.URL("rentals")})
	var e *remote.Error
	require.ErrorAs(t, err, &e, "nobody asked whether it has changed")
	require.Equal(t, http.StatusNotModified, e.Status)
}

func TestRequest_CheckAndBuffer(t *testing.T) {
	t.Parallel()
	wrong := errors.New("wrong")
	n := 0
	client := serve(t, wire.Config{Retry: wire.Retry{Max: 3}}, good)
	buffer := make([]byte, 5, 1<<10)
	answer, err := client.Do(t.Context(), &wire.Request{URL: client.URL("rentals"), Buffer: buffer, Check: func(a *wire.Answer) error {
		require.Equal(t, noRentals, string(a.Body))
		require.Equal(t, 200, a.Status)
		if n++; n == 1 {
			return a.Wrap(io.ErrUnexpectedEOF)
		}
		return wrong
	}})
	require.Equal(t, wrong, err)
	require.Equal(t, 2, n, "an answer cut short is asked for again, another error is not")
	require.Equal(t, 2, answer.Requests)
	require.Same(t, &buffer[0], &answer.Body[0])
}

func TestRequest_CheckSpeaksForTheHost(t *testing.T) {
	t.Parallel()
	handler, _ := script(with(500), good, with(500), good)
	client := serve(t, wire.Config{Breaker: wire.Breaker{Failures: 2}}, handler)
	for i := range 4 {
		_, err := client.Do(t.Context(), &wire.Request{URL: client.URL(), Check: func(*wire.Answer) error { return errLoop }})
		require.NotErrorIs(t, err, remote.ErrCircuitOpen, i)
	}
}

func TestClient_URL(t *testing.T) {
	t.Parallel()
	client, err := wire.NewClient(wire.Config{BaseURL: "https://api.example/v3/"})
	require.NoError(t, err)
	require.Equal(t, "https://api.example/v3", client.URL().String())
	require.Equal(t, "https://api.example/v3/a/b%2Fc%20d%3F", client.URL("a", "b/c d?").String())
	client.URL().Path = "/changed"
	require.Equal(t, "https://api.example/v3", client.URL().String())
}

func TestAnswer_HidesCredentials(t *testing.T) {
	t.Parallel()
	client := serve(t, wire.Config{Auth: wire.APIKeyQuery("k", secret)}, good)
	answer, err := client.Do(t.Context(), &wire.Request{URL: client.URL("rentals")})
	require.NoError(t, err)
	require.Empty(t, answer.URL.RawQuery)
	next := *answer.URL
	next.RawQuery = "a=1&k=" + url.QueryEscape(secret) + "&b=2"
	require.Equal(t, "a=1&b=2", answer.WithoutAuth(&next).RawQuery)
	require.True(t, answer.HasSecret(&next))
	require.NotContains(t, answer.Show(&next), url.QueryEscape(secret))
	require.False(t, answer.HasSecret(answer.URL))
	named := *answer.URL
	named.RawQuery = "api_key=x"
	require.True(t, answer.HasSecret(&named))
}

// secret is one that needs escaping everywhere.
const secret = "s3/cr+t=&<tok en>"

// A body that is a little longer than the memory for it takes little more than its length.
func TestRequest_BufferThatIsTooShort(t *testing.T) {
	t.Parallel()
	const size = 100_000
	client := serve(t, wire.Config{}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("told") {
			w.Header().Set("Content-Length", strconv.Itoa(size))
		}
		for range size / 1000 {
			_, _ = io.WriteString(w, strings.Repeat("x", 1000))
		}
	})
	for query, most := range map[string]int{"told": 110_000, "untold": 250_000} {
		u := client.URL("rentals")
		u.RawQuery = query
		answer, err := client.Do(t.Context(), &wire.Request{URL: u, Buffer: make([]byte, 0, size-1)})
		require.NoError(t, err)
		require.Equal(t, strings.Repeat("x", size), string(answer.Body))
		require.Less(t, cap(answer.Body), most, query)
	}
}
