package remotetest_test

import (
	"context"
	"io"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/remotetest"
)

func TestFault_HitsWhatItNames(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 25)
	srv.Collection("photos")
	srv.Fault(remotetest.Fault{Collection: "rentals", Page: 2, Status: 500, Times: 2})

	require.Equal(t, 200, get(t, srv, "", "/rentals").status)
	require.Equal(t, 200, get(t, srv, "", "/photos?page=2").status)
	r := get(t, srv, "", "/rentals?page=2")
	require.Equal(t, 500, r.status)
	require.Equal(t, `{"errors":[{"code":"fault","title":"Internal Server Error"}]}`, r.body)
	require.Equal(t, 500, get(t, srv, "", "/rentals?page=2").status)
	require.Equal(t, 200, get(t, srv, "", "/rentals?page=2").status)

	srv.Fault(remotetest.Fault{Token: "t", Status: 503, Times: -1})
	for range 3 {
		require.Equal(t, 503, get(t, srv, "t", "/rentals").status)
	}
	require.Equal(t, 200, get(t, srv, "", "/rentals").status)
	srv.ClearFaults()
	require.Equal(t, 200, get(t, srv, "t", "/rentals").status)

	srv.Fault(remotetest.Fault{Status: 500})
	srv.Fault(remotetest.Fault{Status: 502})
	require.Equal(t, 500, get(t, srv, "", "/rentals").status)
	require.Equal(t, 502, get(t, srv, "", "/rentals").status)
}

func TestFault_BodyAndHeader(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 25)
	srv.Fault(remotetest.Fault{Body: "<html>", Header: http.Header{
		"content-type": {"text/html"}, "X-Total-Count": {"7"}, "Link": nil, "Date": nil, "Retry-After": {"3"},
	}})
	r := get(t, srv, "", "/rentals")
	require.Equal(t, 200, r.status)
	require.Equal(t, "<html>", r.body)
	require.Equal(t, "text/html", r.header.Get("Content-Type"))
	require.Equal(t, "7", r.header.Get("X-Total-Count"))
	require.Equal(t, "3", r.header.Get("Retry-After"))
	require.NotContains(t, r.header, "Link")
	require.NotContains(t, r.header, "Date")
	require.Equal(t, "25", get(t, srv, "", "/rentals").header.Get("X-Total-Count"))
}

func TestFault_TruncateAndReset(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 25)
	for _, n := range []int{1, 100, -1, -1_000_000} {
		srv.Fault(remotetest.Fault{Truncate: n})
		_, err := try(t, srv, "", "/rentals")
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, n)
		get(t, srv, "", "/rentals")
	}
	for range 2 { // on a new connection, and on one that was used
		srv.Fault(remotetest.Fault{Reset: true})
		_, err := try(t, srv, "", "/rentals")
		require.ErrorIs(t, err, syscall.ECONNRESET)
		get(t, srv, "", "/rentals")
	}
}

func TestFault_DelayEndsWithTheClientOrTheServer(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 1)
	srv.Fault(remotetest.Fault{Delay: time.Hour, Times: -1})
	ctx, cancel := context.WithCancel(t.Context())
	srv.OnRequest(func(remotetest.Request) { cancel() })
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL()+"/rentals", nil)
	require.NoError(t, err)
	_, err = srv.Client().Do(req)
	require.ErrorIs(t, err, context.Canceled)

	done := make(chan error)
	came := make(chan struct{})
	srv.OnRequest(func(remotetest.Request) { close(came) })
	go func() {
		_, err := srv.Client().Get(srv.URL() + "/rentals")
		done <- err
	}()
	<-came
	srv.Close()
	require.Error(t, <-done)
	srv.Close()

	srv = setup(t, remotetest.Config{}, 1)
	srv.Fault(remotetest.Fault{Delay: time.Millisecond})
	require.Equal(t, 200, get(t, srv, "", "/rentals").status)
}
