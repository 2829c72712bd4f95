package live

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/coder/websocket"
	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/peer"
)

// ServeHTTP answers a peer that connects over WebSocket, until the connection ends.
func (n *Node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, err := n.authenticate(r)
	if err != nil {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("WWW-Authenticate", `Bearer realm="synced", Basic realm="synced"`)
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.MarshalWrite(w, trouble{Trouble: peer.Trouble{Error: err.Error(), Protocol: peer.Protocol}, Status: http.StatusUnauthorized})
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // it has answered
	}
	heard := &pulse{}
	who := func(string) (string, error) { return name, nil }
	if err := n.answer(r.Context(), &socket{conn, n.config.patience(), heard.heard}, heard, who); err != nil {
		n.config.OnError(r.Context(), name, err)
	}
}

// Serve answers a peer that has connected over any connection, until the connection ends; it then
// is closed. The first message has to come in 30 seconds. Use TLS: the credentials of the peer
// come over the connection, unless its certificate says who it is.
func (n *Node) Serve(ctx context.Context, conn net.Conn, frames Frames) error {
	who := func(authorization string) (string, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
		if err != nil {
			return "", err
		}
		r.URL = &url.URL{Path: "/"}
		r.Header.Set("Authorization", authorization)
		if at := conn.RemoteAddr(); at != nil {
			r.RemoteAddr = at.String()
		}
		if secured, ok := conn.(interface{ ConnectionState() tls.ConnectionState }); ok {
			state := secured.ConnectionState()
			r.TLS = &state
		}
		return n.authenticate(r)
	}
	heard := &pulse{}
	return n.answer(ctx, &framed{conn: conn, frames: frames, patience: n.config.patience(), heard: heard.heard}, heard, who)
}

func (n *Node) answer(ctx context.Context, l link, heard *pulse, who func(string) (string, error)) error {
	name := "who is not known"
	_, err := n.meet(ctx, l, heard, func(ctx context.Context, h handshake) (*connection, error) {
		c, found, err := h.answer(ctx, who)
		if found != "" {
			name = found
		}
		return c, err
	})
	if err != nil {
		return fmt.Errorf("synced: live: connection of %s: %w", name, err)
	}
	return nil
}

// authenticate tells who makes a request.
func (n *Node) authenticate(r *http.Request) (string, error) {
	if n.config.Authenticate == nil {
		return "", fmt.Errorf("%w: nobody is answered here", peer.ErrDenied)
	}
	name, err := n.config.Authenticate(r)
	if err == nil && name == "" {
		err = errors.New("no name was returned by Authenticate")
	}
	return name, err
}
