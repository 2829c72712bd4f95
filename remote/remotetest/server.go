package remotetest

import (
	"net/http"
	"net/http/httptest"
	"slices"
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
	main   *Account

	close   sync.Once
	closing chan struct{}

	// mu guards what follows, and the accounts with their collections. It is not
	// held while a hook runs or an answer is written.
	mu       sync.Mutex
	accounts map[string]*Account
	quirks   Quirks
	grants   map[string]*grant // by refresh token
	scripts  [][]*step
	hook     func(Request)
	log      []Request
	count    int
}

// New starts a server on a port of its own. Close it.
func New(config Config) *Server {
	config = config.withDefaults()
	s := &Server{
		config:   config,
		clock:    &Clock{source: config.Clock, tick: config.Tick},
		quirks:   config.Quirks,
		closing:  make(chan struct{}),
		accounts: map[string]*Account{},
		grants:   map[string]*grant{},
	}
	s.main = &Account{server: s, token: config.Token, collections: map[string]*Collection{}}
	if config.Token != "" {
		s.accounts[config.Token] = s.main
	}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.http.Config.ConnContext = withConnection
	s.http.Start()
	return s
}

// Close stops the server and its connections. Closing twice is harmless.
func (s *Server) Close() {
	s.close.Do(func() {
		close(s.closing)
		s.http.CloseClientConnections()
		s.http.Close()
	})
}

// URL is what a client takes as its base URL, without a slash at the end.
func (s *Server) URL() string { return s.http.URL + prefix }

// Client is an HTTP client whose idle connections Close closes. Any other client
// does as well.
func (s *Server) Client() *http.Client { return s.http.Client() }

// Account returns the account of a token, made when it is first asked for.
// Accounts share the clock, and no data.
func (s *Server) Account(token string) *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	if token == s.main.token {
		return s.main
	}
	a := s.accounts[token]
	if a == nil {
		a = &Account{server: s, token: token, collections: map[string]*Collection{}}
		s.accounts[token] = a
	}
	return a
}

// Collection returns a collection of the default account, see
// [Account.Collection].
func (s *Server) Collection(name string) *Collection { return s.main.Collection(name) }

// Now is the server's time.
func (s *Server) Now() time.Time { return s.clock.Now() }

// Clock is the server's clock, for a client that shall not wait.
func (s *Server) Clock() *Clock { return s.clock }

// Advance moves the server's clock, also a clock of the user's.
func (s *Server) Advance(d time.Duration) { s.clock.advance(d) }

// SetQuirks replaces the quirks for the requests to come.
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

// Requests is how many requests have come, also bad ones.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.log)
}

// Log returns the requests in the order they came.
func (s *Server) Log() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// ResetLog forgets the requests, so that Requests counts from 0.
func (s *Server) ResetLog() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}
