package recorded

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
)

// hopByHop headers belong to the connection that was recorded, not to the answer.
var hopByHop = []string{"Connection", "Content-Length", "Keep-Alive", "Transfer-Encoding"}

// Replay starts a server that answers each recorded request, matched by method, path and query (in any order), and 404
// to any other. What was recorded several times for one request is answered in order, the last one for ever. Links lead
// back to the server; bodies are as they were. A record that a recorded list has is found under its own address too, as
// the API answers it: in a list of one.
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
		r.addRecords(u, e)
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

// addRecords has each record of a recorded list answered under the list's path and its id.
func (r *replayer) addRecords(list *url.URL, e Exchange) {
	var body map[string]json.RawMessage
	if json.Unmarshal([]byte(e.Response.Body), &body) != nil {
		return // not a list
	}
	name := path.Base(list.Path)
	var records []json.RawMessage
	if json.Unmarshal(body[name], &records) != nil {
		return
	}
	for _, record := range records {
		var id struct{ ID json.Number }
		if json.Unmarshal(record, &id) != nil || id.ID == "" {
			continue
		}
		one := list.JoinPath(id.ID.String())
		one.RawQuery = ""
		r.answers[key(e.Request.Method, one)] = []Exchange{{
			Request:  Request{Method: e.Request.Method, URL: one.String()},
			Response: Response{Status: http.StatusOK, Body: fmt.Sprintf(`{%q:[%s]}`, name, record)},
		}}
	}
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
