package live_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer/live"
)

// listen lets a node answer on a port, and returns who dials it.
func (s *site) listen(t testing.TB, frames live.Frames) func(context.Context) (net.Conn, error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			n := s.n
			serving.Go(func() {
				if err := n.Serve(context.Background(), conn, frames); err != nil {
					s.note(err)
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); s.shut(t); serving.Wait() })
	return func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	}
}

// cutting dials connections that are lost after so many bytes: the first few after a few, then
// after more each time, until they hold.
func cutting(dial func(context.Context) (net.Conn, error), first, more, times int) func(context.Context) (net.Conn, error) {
	var n atomic.Int64
	return func(ctx context.Context) (net.Conn, error) {
		conn, err := dial(ctx)
		k := int(n.Add(1)) - 1
		if err != nil || k >= times {
			return conn, err
		}
		c := &cutConn{Conn: conn}
		c.left.Store(int64(first + k*more))
		return c, nil
	}
}

// cutConn is lost after so many bytes, wherever that is.
type cutConn struct {
	net.Conn
	left atomic.Int64
}

func (c *cutConn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	if c.left.Add(-int64(n)) <= 0 {
		c.Close()
		return 0, net.ErrClosed
	}
	return n, err
}

func (c *cutConn) Write(text []byte) (int, error) {
	left := int(c.left.Load())
	if left >= len(text) {
		c.left.Add(-int64(len(text)))
		return c.Conn.Write(text)
	}
	n, _ := c.Conn.Write(text[:max(0, left)]) // a part of a frame
	c.Close()
	return n, net.ErrClosed
}
