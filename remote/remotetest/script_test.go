package remotetest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/remotetest"
)

func TestScript_OneStepAfterTheOther(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{PerPage: 100}, 300)
	srv.Script(
		remotetest.Fault{Page: 3, ResetAfter: 5000},
		remotetest.Fault{Status: 429, RetryAfter: 1500 * time.Millisecond, For: 2 * time.Second},
		remotetest.Fault{Times: 2}, // fine
		remotetest.Fault{Status: 503},
	)
	require.Equal(t, 200, get(t, srv, "", "/rentals?page=2").status)

	_, err := try(t, srv, "", "/rentals?page=3")
	require.ErrorIs(t, err, syscall.ECONNRESET)
	r := get(t, srv, "", "/rentals?page=3") // the limit begins
	require.Equal(t, 429, r.status)
	require.Equal(t, "2", r.header.Get("Retry-After"))
	require.Equal(t, 429, get(t, srv, "", "/rentals?page=1").status, "a second later")
	for _, status := range []int{200, 200, 503, 200} {
		require.Equal(t, status, get(t, srv, "", "/rentals?page=3").status)
	}
}

func TestScript_ResetAfterSendsTheBeginning(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{PerPage: 1000}, 1000)
	srv.Fault(remotetest.Fault{ResetAfter: 10_000})
	get(t, srv, "other", "/nothing") // so that the connection has been used
	srv.ClearFaults()
	for _, n := range []int{1, 10_000, 1_000_000} {
		srv.Fault(remotetest.Fault{ResetAfter: n})
		resp := ask(t, srv, "/rentals")
		body, err := io.ReadAll(resp.Body)
		if n < int(resp.ContentLength) {
			require.ErrorIs(t, err, syscall.ECONNRESET)
		}
		require.Len(t, body, min(n, int(resp.ContentLength)))
		require.Equal(t, 200, get(t, srv, "", "/rentals").status)
	}
}

func TestScript_TwoScripts(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 1)
	srv.Script(remotetest.Fault{Page: 2, Status: 500}, remotetest.Fault{Status: 501})
	srv.Script(remotetest.Fault{Status: 502}, remotetest.Fault{Status: 503})
	for _, want := range []struct {
		path   string
		status int
	}{{"/rentals", 502}, {"/rentals?page=2", 500}, {"/rentals", 501}, {"/rentals", 503}, {"/rentals", 200}} {
		require.Equal(t, want.status, get(t, srv, "", want.path).status, fmt.Sprint(want))
	}
}

func TestFault_RetryAfterGivesWayToHeader(t *testing.T) {
	t.Parallel()
	srv := setup(t, remotetest.Config{}, 1)
	srv.Fault(remotetest.Fault{Status: 429, RetryAfter: time.Second, Header: http.Header{"Retry-After": {"soon"}}})
	require.Equal(t, "soon", get(t, srv, "", "/rentals").header.Get("Retry-After"))
	srv.SetQuirks(remotetest.Quirks{Gzip: true})
	srv.Fault(remotetest.Fault{Body: strings.Repeat("oops", 100)})
	require.Contains(t, get(t, srv, "", "/rentals").body, "oops", "compressed like any other")
}
