package recycle_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/recycle"
	"github.com/syncedgo/synced/remote"
)

type bodies = recycle.Bodies

// client is as rest.Client is.
type client struct{ bodies }

func newClient() *client {
	c := &client{}
	recycle.Own(&c.bodies, c)
	return c
}

// wrapper is a client of the service's own.
type wrapper struct{ *client }

func TestPage(t *testing.T) {
	t.Parallel()
	c := newClient()
	require.Nil(t, recycle.Body(&c.bodies))
	lend := func() *remote.Page {
		page := &remote.Page{Number: 1}
		recycle.Lend(&c.bodies, page, make([]byte, 10, 100))
		return page
	}
	for name, other := range map[string]any{"a wrapper": wrapper{c}, "another client": newClient(), "no client": remote.Func(nil), "none": nil} {
		recycle.Page(other, lend())
		require.Nil(t, recycle.Body(&c.bodies), name)
	}
	recycle.Page(c, &remote.Page{})
	require.Nil(t, recycle.Body(&c.bodies), "a page that has no memory")

	// A pool may forget what it is given: now and then, with the race detector.
	var got []byte
	for range 100 {
		page := lend()
		recycle.Page(c, page)
		if got = recycle.Body(&c.bodies); got != nil {
			recycle.Page(c, page)
			require.Nil(t, recycle.Body(&c.bodies), "given back once")
			break
		}
	}
	require.NotNil(t, got)
	require.Empty(t, got)
	require.Equal(t, 100, cap(got))
}
