package recorded

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// hopByHop headers belong to the connection that was recorded, not to the answer.
var hopByHop = []string{"Connection", "Content-Length", "Keep-Alive", "Transfer-Encoding"}

// Replay starts a server that answers each recorded request, matched by method, path and query (in any order), and 404
// to any other. What was recorded several times for one request is answered in order, the last one for ever. Links lead
// back to the server; bodies are as they were.
func Replay(t testing.TB, exchanges []Exchange) *httptest.Server {
	t.Helper()
	r := &replayer{answers: map[string][]Exchange{}}
	for _, e := range exchanges {
		u, err := url.Parse(e.Request.URL)
		if err != nil {
			t.Fatal("recorded:", err)
		}
		k := key(e.Request.Method, u)
		r.answers[k] = append(r.answers[k], e)
	}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return server
}

type replayer struct {
	mu      sync.Mutex
	answers map[string][]Exchange // what is still to be answered, by key
}

func (r *replayer) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	e, ok := r.next(key(req.Method, req.URL))
	if !ok {
		http.Error(w, fmt.Sprintf("recorded: nothing for %s %s", req.Method, req.URL), http.StatusNotFound)
		return
	}
	for name, values := range e.Response.Header {
		if !slices.Contains(hopByHop, http.CanonicalHeaderKey(name)) {
			w.Header()[http.CanonicalHeaderKey(name)] = slices.Clone(values)
		}
	}
	for i, link := range w.Header()["Link"] {
		w.Header()["Link"][i] = strings.ReplaceAll(link, "<"+origin(e.Request.URL)+"/", "<http://"+req.Host+"/")
	}
	w.WriteHeader(e.Response.Status)
	_, _ = w.Write([]byte(e.Response.Body)) // a client that went away is no concern of ours
}

func (r *replayer) next(k string) (Exchange, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := r.answers[k]
	if len(left) == 0 {
		return Exchange{}, false
	}
	if len(left) > 1 {
		r.answers[k] = left[1:]
	}
	return left[0], true
}

// key takes "?updated_since" and "?updated_since=" for the same, as servers do.
func key(method string, u *url.URL) string {
	return method + " " + u.Path + "?" + u.Query().Encode()
}

func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Scheme + "://" + u.Host
}
