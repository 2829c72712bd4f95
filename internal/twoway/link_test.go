package twoway_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/remote/wire"
)

// link is a client and a handler, and the network between them.
type link struct {
	client, handler *site
	decides         bool // the client does
	c               *peer.Client
	h               http.Handler
	// fault is what happens in the exchange that goes on, to its request number at.
	fault  fault
	at, no int
	looks  int
	old    []sent
	check  func()
	broken []error
}

// sent is a message that may come again.
type sent struct {
	method, url string
	header      http.Header
	body        []byte
}

// fault is what goes wrong in an exchange.
type fault int

const (
	none fault = iota
	loseRequest
	loseAnswer
	twice        // a request comes two times
	late         // a message of an earlier exchange comes again
	killsClient  // the client's process dies
	killsHandler // the handler's process dies
	faults
)

var faultNames = []string{"nothing fails", "request lost", "answer lost", "request twice", "old message again", "client dies", "handler dies"}

func (f fault) String() string { return faultNames[f] }

var errNetwork = errors.New("the network is down")

// connect opens both ends.
func (l *link) connect(t require.TestingT) {
	h, err := peer.NewHandler(l.handler.p, peer.HandlerConfig{
		Authenticate: peer.Bearer(map[string]string{"one": "token of one", "two": "token of two", "three": "token of three"}),
		LetDecide:    func(string) bool { return l.decides },
		OnError: func(_ context.Context, _ string, err error) {
			if l.fault != killsHandler && l.fault != killsClient {
				l.broken = append(l.broken, err)
			}
		},
	})
	require.NoError(t, err)
	l.h = h
	l.c, err = peer.NewClient(l.client.p, peer.ClientConfig{Decides: l.decides, Wire: wire.Config{
		BaseURL: "http://" + l.handler.name + ".test/peers", Auth: wire.Bearer("token of " + l.client.name),
		HTTP: &http.Client{Transport: l}, Retry: wire.Retry{Max: -1},
	}})
	require.NoError(t, err)
}

// exchange exchanges once; what is to fail may fail.
func (l *link) exchange(t require.TestingT, f fault, at, looks int) (peer.Result, error) {
	l.fault, l.at, l.no, l.looks, l.broken = f, at, 0, looks, nil
	ctx := context.Background()
	if f == killsClient {
		ctx = newMortal(ctx, looks)
	}
	r, err := l.c.Exchange(ctx)
	switch f {
	case none, twice, late:
		require.NoError(t, errors.Join(append(l.broken, err)...), "%s with %s, %s", l.client.name, l.handler.name, f)
	case killsClient:
		l.client.open(t)
		l.connect(t)
	case killsHandler:
		l.handler.open(t)
		l.connect(t)
	default:
		require.NoError(t, errors.Join(l.broken...), "%s with %s, %s", l.client.name, l.handler.name, f)
	}
	return r, err
}

// RoundTrip is the network.
func (l *link) RoundTrip(r *http.Request) (*http.Response, error) {
	m := sent{method: r.Method, url: r.URL.String(), header: r.Header.Clone()}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		m.body = body
	}
	l.no++
	f := none
	if l.no == l.at+1 {
		f = l.fault
	}
	if f == loseRequest {
		return nil, errNetwork
	}
	if f == late && len(l.old) > 0 {
		l.deliver(l.old[l.looks%len(l.old)], none)
	}
	answer := l.deliver(m, f)
	if f == twice {
		answer = l.deliver(m, none)
	}
	l.old = append(l.old, m)
	l.check()
	if f == loseAnswer || f == killsHandler {
		return nil, errNetwork
	}
	result := answer.Result()
	result.Request = r
	return result, nil
}

// deliver hands a message to the handler.
func (l *link) deliver(m sent, f fault) *httptest.ResponseRecorder {
	ctx := context.Background()
	if f == killsHandler {
		ctx = newMortal(ctx, l.looks)
	}
	r := httptest.NewRequestWithContext(ctx, m.method, m.url, bytes.NewReader(m.body))
	r.Header = m.header.Clone()
	w := httptest.NewRecorder()
	l.h.ServeHTTP(w, r)
	return w
}
