package remotetest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
)

const contentType = "application/vnd.api+json; charset=utf-8"

// answer is a response before it is written, so that faults can change it.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// serve answers one request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	req := s.newRequest(r, s.clock.request())
	fresh := firstOfConnection(r)
	s.mu.Lock()
	account := s.account(req.Token, req.At)
	req.Page = s.number(req, account)
	s.log = append(s.log, req)
	s.count++
	id := fmt.Sprintf("request-%d", s.count)
	hook := s.hook
	var limits http.Header
	var a *answer
	if account != nil {
		limits, a = s.config.Limit.take(&account.window, req.At)
	}
	if account == nil && s.quirks.EmptyForStrangers {
		account = s.stranger(req)
	}
	s.mu.Unlock()

	switch {
	case req.Path == tokenPath && req.Method == http.MethodPost:
		a = s.refresh(r, req.At)
	case account == nil:
		a = problem(http.StatusUnauthorized, "unauthorized", "the token is missing or unknown")
	case a == nil:
		if hook != nil {
			hook(req)
		}
		a = s.answer(req, account, r)
	}
	for name, values := range limits {
		a.header[name] = values
	}
	a.header.Set("X-Request-Id", id)
	a.header.Set("Date", req.At.Format(http.TimeFormat))
	s.write(w, r, a, s.takeFault(req, fresh))
}

// stranger is an account with nothing in what a request asks for.
func (s *Server) stranger(req Request) *Account {
	a := &Account{server: s}
	a.collections = map[string]*Collection{req.Collection: newCollection(a, req.Collection)}
	return a
}

// connection counts the requests of a connection, in its context.
type connection struct{}

// withConnection is for http.Server.ConnContext.
func withConnection(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connection{}, new(atomic.Int64))
}

// firstOfConnection counts a request, and says whether it is the first.
func firstOfConnection(r *http.Request) bool {
	return r.Context().Value(connection{}).(*atomic.Int64).Add(1) == 1
}

// answer makes the page that was asked for, of the data as it is now.
func (s *Server) answer(req Request, account *Account, r *http.Request) *answer {
	if req.Method != http.MethodGet {
		return problem(http.StatusMethodNotAllowed, "method_not_allowed", "only GET")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, _, wrong := s.question(req)
	if wrong != "" {
		return problem(http.StatusUnprocessableEntity, "invalid", wrong)
	}
	if s.quirks.IgnoresPage {
		q.place = place{}
	}
	list, found := s.list(req, account, q)
	if !found {
		if a := account.one(req); a != nil {
			return a
		}
	}
	if !found || !strings.HasPrefix(req.Path, prefix+"/") {
		return problem(http.StatusNotFound, "not_found", "there is: "+strings.Join(sortedNames(account.collections), ", "))
	}
	if keep := s.config.Since.Retention; keep > 0 && q.asked && q.since.Before(req.At.Add(-keep)) {
		return problem(http.StatusGone, "gone", "changes are kept for "+keep.String())
	}
	c := account.collections[req.Collection]
	p := s.page(req, c, list, q)
	if s.quirks.PastEnd != 0 && p.past {
		return problem(s.quirks.PastEnd, "past_end", fmt.Sprintf("there are %d pages", p.pages))
	}

	self := &url.URL{Scheme: "http", Host: r.Host, Path: req.Path, RawQuery: r.URL.RawQuery}
	a := &answer{status: http.StatusOK, header: http.Header{}, body: s.body(p, req.Collection, self, fieldsOf(req.Query))}
	a.header.Set("Content-Type", cmp.Or(s.quirks.ContentType, contentType))
	s.header(a.header, p, self)
	if name := s.config.Style.SyncedAtHeader; name != None && !s.quirks.NoSyncedAt {
		a.header.Set(name, req.At.Format("2006-01-02 15:04:05 UTC"))
	}
	if c != nil {
		s.validate(a, c, req)
	}
	return a
}

// one answers a request for one record, /rentals/7, in BookingSync's style with the
// envelope of a list. Nil is for what is no such request.
func (a *Account) one(req Request) *answer {
	at := strings.LastIndexByte(req.Collection, '/')
	if at < 0 || a.collections[req.Collection[:at]] == nil {
		return nil
	}
	c := a.collections[req.Collection[:at]]
	id := req.Collection[at+1:]
	for _, key := range []string{id, keyOf(id)} { // a number, or a string
		if e := c.byKey[key]; e != nil {
			body := []byte(e.raw)
			if a.server.config.Style.Records == "" {
				body = fmt.Appendf(nil, `{%q:[%s],"links":{},"meta":{}}`, c.name, e.raw)
			}
			return &answer{status: http.StatusOK, header: http.Header{"Content-Type": {contentType}}, body: body}
		}
		if slices.ContainsFunc(c.deleted, func(e *entry) bool { return e.key == key }) {
			return problem(a.server.config.Deletions.Status, "not_found", "the record was deleted")
		}
	}
	return problem(http.StatusNotFound, "not_found", "there is no such record")
}

// problem is an answer that says what is wrong, as BookingSync does.
func problem(status int, code, title string) *answer {
	h := http.Header{"Content-Type": {contentType}}
	body := encode(map[string]any{"errors": []any{map[string]any{"code": code, "title": title}}})
	return &answer{status: status, header: h, body: body}
}

// sortedNames lists the collections of an account, for an error.
func sortedNames(collections map[string]*Collection) []string {
	return slices.Sorted(maps.Keys(collections))
}
