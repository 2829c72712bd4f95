package remotetest

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
)

// serve answers one request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	req := newRequest(r, &s.config, s.clock.request())
	fresh := firstOfConnection(r)
	s.mu.Lock()
	account := s.accounts.admit(req.Token, req.At)
	if s.config.Style.Body == InGraphQL {
		req.Collection = req.sent.collection(account)
	}
	req.Page = s.lister().number(req, account)
	id := s.log.add(req)
	hook := s.hook
	var limits http.Header
	var a *answer
	if account != nil {
		limits, a = s.config.Limit.take(&account.window, req.At)
	}
	if account == nil && s.quirks.EmptyForStrangers {
		account = stranger(s, req)
	}
	s.mu.Unlock()

	switch {
	case req.Path == tokenPath && req.Method == http.MethodPost:
		kind, refreshToken := r.PostFormValue("grant_type"), r.PostFormValue("refresh_token")
		s.mu.Lock()
		a = s.grants.trade(kind, refreshToken, req.At)
		s.mu.Unlock()
	case account == nil:
		a = problem(http.StatusUnauthorized, "unauthorized", "the token is missing or unknown")
	case a == nil:
		if hook != nil {
			hook(req)
		}
		a = account.answer(req, r)
	}
	for name, values := range limits {
		a.header[name] = values
	}
	if s.config.Style.Body == InGraphQL {
		graphql(a)
	}
	a.header.Set("X-Request-Id", id)
	a.header.Set("Date", req.At.Format(http.TimeFormat))
	s.send(w, r, a, s.faults.take(req, fresh))
}

// send sends an answer as far as the fault lets it.
func (s *Server) send(w http.ResponseWriter, r *http.Request, a *answer, f Fault) {
	if !f.wait(r, s.closing) {
		panic(http.ErrAbortHandler) // no answer
	}
	if f.Reset {
		reset(w)
		return
	}
	f.apply(a)
	s.mu.Lock()
	gzip := s.quirks.Gzip
	s.mu.Unlock()
	if gzip {
		a.compress(r)
	}
	f.write(w, a)
}

// lister reads lists with the quirks of now; the caller holds mu.
func (s *Server) lister() lister { return lister{config: &s.config, quirks: s.quirks} }

// stranger returns an account in which what a request asks for is empty.
func stranger(s *Server, req Request) *Account {
	a := newAccount(s, "")
	a.collections[req.Collection] = newCollection(a, req.Collection)
	return a
}

// connection counts the requests of a connection, in its context.
type connection struct{}

// withConnection is for http.Server.ConnContext.
func withConnection(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connection{}, new(atomic.Int64))
}

// firstOfConnection counts a request, and reports whether it is the first.
func firstOfConnection(r *http.Request) bool {
	return r.Context().Value(connection{}).(*atomic.Int64).Add(1) == 1
}
