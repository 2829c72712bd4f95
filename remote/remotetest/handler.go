package remotetest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

// answer is a response before it is written, so that faults can change it.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// serve answers one request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	req := newRequest(r, s.clock.request())
	fresh := firstOfConnection(r)
	s.mu.Lock()
	s.log = append(s.log, req)
	s.count++
	id := fmt.Sprintf("request-%d", s.count)
	account := s.account(req.Token)
	hook := s.hook
	s.mu.Unlock()

	var a *answer
	if account == nil {
		a = problem(http.StatusUnauthorized, "unauthorized", "the token is missing or unknown")
	} else {
		if hook != nil {
			hook(req)
		}
		a = s.answer(req, account, r)
	}
	a.header.Set("X-Request-Id", id)
	a.header.Set("Date", req.At.Format(http.TimeFormat))
	s.write(w, r, a, s.takeFault(req, fresh))
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

// account is whose data a token sees, nil for nobody's. The caller holds mu.
func (s *Server) account(token string) *Account {
	if a := s.accounts[token]; a != nil {
		return a
	}
	if s.config.Token == "" && (token == "" || len(s.accounts) == 0) {
		return s.main
	}
	return nil
}

// answer makes the page that was asked for, of the data as it is now.
func (s *Server) answer(req Request, account *Account, r *http.Request) *answer {
	if req.Method != http.MethodGet {
		return problem(http.StatusMethodNotAllowed, "method_not_allowed", "only GET")
	}
	perPage, ok := count(req.Query, "per_page", s.config.PerPage)
	if !ok || req.Page == 0 {
		return problem(http.StatusUnprocessableEntity, "invalid", "page and per_page are numbers from 1")
	}
	since, asked, ok := updatedSince(req.Query)
	if !ok {
		return problem(http.StatusUnprocessableEntity, "invalid", "updated_since is not a time")
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	c := account.collections[req.Collection]
	if a := account.one(req); c == nil && a != nil {
		return a
	}
	if c == nil || !strings.HasPrefix(req.Path, prefix+"/") {
		return problem(http.StatusNotFound, "not_found", "there is: "+strings.Join(sortedNames(account.collections), ", "))
	}
	p := c.page(req.Page, min(perPage, s.config.MaxPerPage), since, asked)
	if s.quirks.NoDeletedIDs {
		p.deleted = nil
	}
	a := &answer{status: http.StatusOK, header: http.Header{}, body: p.body(c.name, fieldsOf(req.Query))}
	a.header.Set("Content-Type", "application/vnd.api+json; charset=utf-8")
	p.header(a.header, &url.URL{Scheme: "http", Host: r.Host, Path: req.Path, RawQuery: r.URL.RawQuery}, s.quirks)
	if !s.quirks.NoSyncedAt {
		a.header.Set("X-Updated-Since-Request-Synced-At", req.At.Format("2006-01-02 15:04:05 UTC"))
	}
	return a
}

// one answers a request for one record, /rentals/7, with the envelope of a list.
// Nil is for what is no such request.
func (a *Account) one(req Request) *answer {
	at := strings.LastIndexByte(req.Collection, '/')
	if at < 0 || a.collections[req.Collection[:at]] == nil {
		return nil
	}
	c := a.collections[req.Collection[:at]]
	id := req.Collection[at+1:]
	for _, key := range []string{id, keyOf(id)} { // a number, or a string
		if e := c.byKey[key]; e != nil {
			h := http.Header{"Content-Type": {"application/vnd.api+json; charset=utf-8"}}
			return &answer{status: http.StatusOK, header: h, body: fmt.Appendf(nil, `{%q:[%s],"links":{},"meta":{}}`, c.name, e.raw)}
		}
	}
	return problem(http.StatusNotFound, "not_found", "there is no such record")
}

// problem is an answer that says what is wrong, as BookingSync does.
func problem(status int, code, title string) *answer {
	h := http.Header{}
	h.Set("Content-Type", "application/vnd.api+json; charset=utf-8")
	body := encode(map[string]any{"errors": []any{map[string]any{"code": code, "title": title}}})
	return &answer{status: status, header: h, body: body}
}
