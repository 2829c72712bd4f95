package live_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/peer"
)

// raw is a peer that is written by hand, over frames of 32 bits.
type raw struct{ conn net.Conn }

// said is a message that came.
type said struct {
	Type string          `json:"type"`
	ID   int64           `json:"id"`
	Re   int64           `json:"re"`
	Body json.RawMessage `json:"body"`
}

func dialRaw(t testing.TB, dial func(context.Context) (net.Conn, error)) *raw {
	t.Helper()
	conn, err := dial(context.Background())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	return &raw{conn}
}

// say sends a message as it is written.
func (r *raw) say(t testing.TB, text string) {
	t.Helper()
	_, err := r.conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...))
	require.NoError(t, err)
}

// next reads a message.
func (r *raw) next() (m said, err error) {
	length := make([]byte, 4)
	if _, err := io.ReadFull(r.conn, length); err != nil {
		return m, err
	}
	text := make([]byte, binary.BigEndian.Uint32(length))
	if _, err := io.ReadFull(r.conn, text); err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}

// until reads until a message of a type comes.
func (r *raw) until(t testing.TB, typ string) said {
	t.Helper()
	for {
		m, err := r.next()
		require.NoError(t, err, "wait for %s", typ)
		if m.Type == typ {
			return m
		}
		require.NotEqual(t, "error", m.Type, "%s", m.Body)
	}
}

// trouble reads until an error comes.
func (r *raw) trouble(t testing.TB) (status int, text string) {
	t.Helper()
	m := r.until(t, "error")
	var body struct {
		Status int
		Error  string
	}
	require.NoError(t, json.Unmarshal(m.Body, &body))
	return body.Status, body.Error
}

// hello is the first message of an installation.
func hello(guid, protocol string) string {
	return `{"type":"hello","body":{"protocol":"` + protocol + `","guid":"` + guid + `","decides":false,"window":2,"max_bytes":1000000,"authorization":"Bearer token of one"}}`
}

// meet says hello as an installation that has nothing.
func (r *raw) meet(t testing.TB, guid string) {
	t.Helper()
	r.say(t, hello(guid, peer.Protocol))
	r.until(t, "hello")
	r.until(t, "sync_from")
	r.say(t, `{"type":"sync_from","body":{"after":0}}`)
}
