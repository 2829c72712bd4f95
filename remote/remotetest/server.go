package remotetest

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// prefix is the path that collections are under.
const prefix = "/api/v3"

// Server is a running API. All methods of it and of what it returns are safe for
// concurrent use, also by hooks.
type Server struct {
	config Config
	clock  *Clock
	http   *httptest.Server
	faults faults
	log    requestLog

	close   sync.Once
	closing chan struct{}

	// mu guards what follows, and the accounts with their collections. It is not
	// held while a hook runs or an answer is written.
	mu       sync.Mutex
	accounts accounts
	grants   grants
	quirks   Quirks
	exports  exports
	hook     func(Request)
}

// New starts a server on its own port. Close stops it.
func New(config Config) *Server {
	config = config.withDefaults()
	s := &Server{
		config:  config,
		clock:   &Clock{source: config.Clock, tick: config.Tick},
		closing: make(chan struct{}),
		quirks:  config.Quirks,
	}
	s.accounts = newAccounts(s, config.Token)
	s.grants = grants{accounts: &s.accounts, byToken: map[string]*grant{}}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.http.Config.ConnContext = withConnection
	s.http.Start()
	s.exports = exports{server: s, byID: map[string]*export{}}
	s.exports.serve()
	return s
}

// Close stops the server and its connections. Closing twice is harmless.
func (s *Server) Close() {
	s.close.Do(func() {
		close(s.closing)
		s.http.CloseClientConnections()
		s.http.Close()
		s.exports.close()
	})
}

// URL returns the base URL for a client, without a slash at the end.
func (s *Server) URL() string { return s.http.URL + prefix }

// Client returns an HTTP client whose idle connections Close closes. Any other
// client works too.
func (s *Server) Client() *http.Client { return s.http.Client() }

// Account returns the account of a token, and makes it on the first call.
// Accounts share the clock, but no data.
func (s *Server) Account(token string) *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accounts.of(token)
}

// Revoke answers a token with 401 from now on. [Server.Rename] gives its account
// another one.
func (s *Server) Revoke(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts.known(token).revoked = true
}

// Rename gives the account of a token another, valid one. The old one is no longer
// known.
func (s *Server) Rename(token, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts.rename(s.accounts.known(token), to)
}

// Collection returns a collection of the default account, see
// [Account.Collection].
func (s *Server) Collection(name string) *Collection { return s.accounts.main.Collection(name) }

// Now returns the server's time.
func (s *Server) Now() time.Time { return s.clock.Now() }

// Clock returns the server's clock, for a client that should not really wait.
func (s *Server) Clock() *Clock { return s.clock }

// Advance moves the server's clock, even if the test brought its own.
func (s *Server) Advance(d time.Duration) { s.clock.advance(d) }

// SetQuirks replaces the quirks for all later requests.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}

// OnRequest sets the hook that is called with each good request before it is
// answered, nil for none: it may change data, so that the page shows the change, wait, or cancel
// the client. Requests that come at once call it at once.
func (s *Server) OnRequest(hook func(Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

// Requests returns the number of requests so far, bad ones included.
func (s *Server) Requests() int { return s.log.len() }

// Log returns the requests in the order they came.
func (s *Server) Log() []Request { return s.log.all() }

// ResetLog forgets the requests, so that Requests counts from 0.
func (s *Server) ResetLog() { s.log.reset() }
