package wire_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

func TestRetry_Transport(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"reset":       func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"time-out":    func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"JSON is cut": answer(200, jsonType, `{"rentals":[{"id"`),
		"body is cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, noRentals)
		},
		"body stalls": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"rent`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := 10 * time.Second
			if name == "time-out" || name == "body stalls" {
				timeout = 100 * time.Millisecond
			}
			scripted, n := script(handler, good)
			answer, err := rentals(t, serve(t, wire.Config{Timeout: timeout, Retry: wire.Retry{Max: 3}}, scripted))
			require.NoError(t, err)
			require.EqualValues(t, n.Load(), answer.Requests)
			require.GreaterOrEqual(t, answer.Requests, 2)
		})
	}
}

func TestRetry_NotWhereItCannotHelp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		config  wire.Config
		want    error
	}{
		"too large":        {good, wire.Config{MaxBodyBytes: 3}, remote.ErrTooLarge},
		"invalid JSON":     {answer(200, jsonType, `{"rentals":[}`), wire.Config{}, nil},
		"no records":       {answer(200, jsonType, `{}`), wire.Config{}, remote.ErrNoRecords},
		"foreign redirect": {with(302, "Location", "http://127.0.0.1:1/"), wire.Config{}, remote.ErrForeignURL},
		"redirect loop":    {with(302, "Location", "?"), wire.Config{HTTP: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return errLoop }}}, errLoop},
		"unauthorized":     {with(401), wire.Config{}, remote.ErrUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			c.config.Clock, c.config.Retry = clock, wire.Retry{Max: 3}
			handler, n := script(c.handler)
			_, err := rentals(t, serve(t, c.config, handler))
			require.Error(t, err)
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
			}
			require.EqualValues(t, 1, n.Load())
			require.Empty(t, clock.slept)
		})
	}

	clock := newClock()
	srv := httptest.NewUnstartedServer(good)
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	client, err := wire.NewClient(wire.Config{BaseURL: srv.URL, Clock: clock, Retry: wire.Retry{Max: 3}})
	require.NoError(t, err)
	_, err = rentals(t, client)
	require.ErrorContains(t, err, "certificate")
	require.Empty(t, clock.slept)

	broken := wire.AuthFunc(func(*http.Request) error { return errLoop })
	_, err = rentals(t, serve(t, wire.Config{Auth: broken, Clock: clock, Retry: wire.Retry{Max: 3}}, good))
	require.ErrorIs(t, err, errLoop)
	require.Empty(t, clock.slept)
}

var errLoop = errors.New("a loop")

func TestRetry_NotForACallerThatIsGone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	clock := newClock()
	handler, n := script(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := ask(ctx, serve(t, wire.Config{Clock: clock, Retry: wire.Retry{Max: 3}}, handler))
	require.ErrorIs(t, err, context.Canceled)
	require.EqualValues(t, 1, n.Load())
	require.Empty(t, clock.slept)

	// It goes while the client waits.
	ctx, cancel = context.WithCancel(t.Context())
	_, err = ask(ctx, serve(t, wire.Config{Clock: gone{clock, cancel}, Retry: wire.Retry{Max: 3}}, with(503)))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "/api/rentals: ")
}

// gone is a clock under which the caller goes.
type gone struct {
	*clock
	cancel func()
}

func (g gone) Sleep(ctx context.Context, d time.Duration) error {
	g.cancel()
	return g.clock.Sleep(ctx, d)
}

func TestRetry_TransportErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err   error
		again bool
	}{
		"refused":        {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, true},
		"reset":          {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, true},
		"closed":         {io.EOF, true},
		"DNS is slow":    {&net.OpError{Op: "dial", Err: &net.DNSError{IsTimeout: true}}, true},
		"no such host":   {&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, false},
		"certificate":    {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, false},
		"alert":          {&net.OpError{Op: "remote error", Err: tls.AlertError(42)}, false},
		"not TLS":        {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, false},
		"HTTP for HTTPS": {http.ErrSchemeMismatch, false},
	} {
		n := 0
		client, err := wire.NewClient(wire.Config{
			BaseURL: "https://" + newHost(), Clock: newClock(),
			HTTP: &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) {
				if n++; n == 1 {
					return nil, c.err
				}
				return status(r, 200), nil
			})},
		})
		require.NoError(t, err)
		_, err = rentals(t, client)
		require.Equal(t, c.again, err == nil, "%s: %v", name, err)
		require.Equal(t, c.again, n == 2, name)
	}
}
