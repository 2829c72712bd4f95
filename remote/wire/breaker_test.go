package wire_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// newHost is a host that no test has asked: circuits are shared by the process.
func newHost() string { return "host-" + uuid.NewString() + ".example" }

// breaker is a client for a host in memory. Package synctest moves the real time,
// which the breaker goes by.
func breaker(t *testing.T, host string, b wire.Breaker, answer tripper) (*wire.Client, *atomic.Int64) {
	t.Helper()
	n := new(atomic.Int64)
	client, err := wire.NewClient(wire.Config{
		BaseURL: "https://" + host, Breaker: b, Retry: wire.Retry{Max: -1},
		HTTP: &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) {
			n.Add(1)
			return answer(r)
		})},
	})
	require.NoError(t, err)
	return client, n
}

func always(code int) tripper {
	return func(r *http.Request) (*http.Response, error) { return status(r, code), nil }
}

func TestBreaker_OpensAndCloses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, host := wire.Breaker{Failures: 3, Wait: time.Minute}, newHost()
		code := 503
		client, n := breaker(t, host, b, func(r *http.Request) (*http.Response, error) {
			return status(r, code), nil
		})
		for range 3 {
			_, err := rentals(t, client)
			require.ErrorIs(t, err, remote.ErrUnavailable)
			require.NotErrorIs(t, err, remote.ErrCircuitOpen)
		}
		refused := func(client *wire.Client) {
			t.Helper()
			_, err := rentals(t, client)
			var wait *remote.WaitError
			require.ErrorAs(t, err, &wait)
			require.ErrorIs(t, err, remote.ErrCircuitOpen)
			require.NotErrorIs(t, err, remote.ErrBudgetSpent)
			require.ErrorContains(t, err, "/rentals: circuit open after 3 failures in a row: come back after ")
			require.Equal(t, time.Now().Add(time.Minute), wait.Until)
		}
		refused(client)
		same, m := breaker(t, strings.ToUpper(host)+":443/api", b, always(200))
		refused(same)
		require.Zero(t, m.Load(), "all clients of the host")
		other, m := breaker(t, host+":444", b, always(200))
		_, err := rentals(t, other)
		require.NoError(t, err)
		require.EqualValues(t, 1, m.Load())
		require.EqualValues(t, 3, n.Load())

		time.Sleep(time.Minute + time.Second)
		_, err = rentals(t, client) // half-open: one is tried
		require.ErrorIs(t, err, remote.ErrUnavailable)
		refused(client)
		require.EqualValues(t, 4, n.Load())

		time.Sleep(time.Minute + time.Second)
		code = 200
		_, err = rentals(t, client)
		require.NoError(t, err)
		code = 500
		for range 2 { // closed: it counts from zero
			_, err = rentals(t, client)
			require.ErrorIs(t, err, remote.ErrUnavailable)
		}
		code = 200
		_, err = rentals(t, client)
		require.NoError(t, err)
	})
}

func TestBreaker_OneIsTried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan int)
		codes := []int{500}
		client, n := breaker(t, newHost(), wire.Breaker{Failures: 1, Wait: time.Minute}, func(r *http.Request) (*http.Response, error) {
			if len(codes) > 0 {
				code := codes[0]
				codes = nil
				return status(r, code), nil
			}
			return status(r, <-hold), nil
		})
		_, err := rentals(t, client)
		require.ErrorIs(t, err, remote.ErrUnavailable)
		time.Sleep(time.Minute + time.Second)
		tried := make(chan error)
		go func() {
			_, err := rentals(t, client)
			tried <- err
		}()
		synctest.Wait()
		_, err = rentals(t, client)
		var wait *remote.WaitError
		require.ErrorAs(t, err, &wait)
		require.ErrorIs(t, err, remote.ErrCircuitOpen)
		require.Equal(t, time.Now().Add(time.Second), wait.Until)
		hold <- 200
		require.NoError(t, <-tried)
		require.EqualValues(t, 2, n.Load())
	})
}

func TestBreaker_WhatSpeaksAgainstAHost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer tripper
		opens  bool
	}{
		"broken": {func(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset by peer") }, true},
		"slow": {func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, true},
		"e500": {always(500), true},
		"e404": {always(404), false},
		"e401": {always(401), false},
		"e429": {always(429), false},
		"busy": {func(r *http.Request) (*http.Response, error) {
			resp := status(r, 503)
			resp.Header.Set("Retry-After", "1")
			return resp, nil
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, n := breaker(t, newHost(), wire.Breaker{}, c.answer)
				for range 20 {
					_, err := rentals(t, client)
					require.Error(t, err)
					time.Sleep(time.Second / 2)
				}
				want := int64(20)
				if c.opens {
					want = 10
				}
				require.Equal(t, want, n.Load())
			})
		})
	}
}

func TestBreaker_TheCallerIsNoFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, n := breaker(t, newHost(), wire.Breaker{Failures: 2}, func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := ask(ctx, client)
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
		require.EqualValues(t, 5, n.Load())
	})
}

func TestBreaker_EndsRepetition(t *testing.T) {
	t.Parallel()
	handler, n := script(with(500))
	_, err := rentals(t, serve(t, wire.Config{Breaker: wire.Breaker{Failures: 2}, Retry: wire.Retry{Max: 9}}, handler))
	require.ErrorIs(t, err, remote.ErrCircuitOpen)
	require.ErrorIs(t, err, remote.ErrUnavailable, "the last answer")
	require.EqualValues(t, 2, n.Load())
}

func TestBreaker_Off(t *testing.T) {
	t.Parallel()
	client, n := breaker(t, newHost(), wire.Breaker{Failures: -1}, always(500))
	for range 20 {
		_, err := rentals(t, client)
		require.ErrorIs(t, err, remote.ErrUnavailable)
	}
	require.EqualValues(t, 20, n.Load())
}
