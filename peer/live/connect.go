package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/syncedgo/synced/peer"
)

// Target is a peer to connect to: URL, or Name and Dial are required.
type Target struct {
	// URL is where its node stands, over WebSocket: "wss://example.com/peers/live".
	URL string
	// HTTP makes the request of URL: its transport has the settings of TLS, and the proxy.
	// Defaults to http.DefaultClient.
	HTTP *http.Client
	// Dial makes another connection, such as by a [crypto/tls.Dialer], and Frames says how
	// messages are told apart on it.
	Dial   func(ctx context.Context) (net.Conn, error)
	Frames Frames
	// Name is what the peer is called here. Defaults to the host of URL, as a [peer.Client]
	// has it.
	Name string
	// Authorization has the credentials, as the header of HTTP: "Bearer TOKEN".
	Authorization string
	// Decides reports whether this side decides what becomes of conflicts. The other has to
	// let it, see Config.LetDecide. By default the side that answers decides.
	Decides bool
}

// The time before the next try: up to the first, then up to twice as long each time.
const (
	firstWait   = 500 * time.Millisecond
	longestWait = 30 * time.Second
)

// Connect connects to a peer, and exchanges changes with it until ctx is done or the node is
// closed: then it waits up to 5 seconds until what is in flight is acknowledged, and returns
// nil. When the connection is lost, or can't be made, it tries again, after a time by chance that
// grows up to 30 seconds. It returns an error where another try would not help: the peer
// refuses the credentials or who decides, or one of the two speaks a newer protocol.
func (n *Node) Connect(ctx context.Context, t Target) error {
	if err := t.check(); err != nil {
		return fmt.Errorf("synced: live: %w", err)
	}
	for tries := 0; ; tries++ {
		began := time.Now()
		final, err := n.once(ctx, t)
		if ctx.Err() != nil || n.ends() {
			return nil
		}
		if err == nil {
			err = errors.New("the peer has closed the connection")
		}
		err = fmt.Errorf("synced: live: connection to %s: %w", t.Name, err)
		if final {
			return err
		}
		n.config.OnError(ctx, t.Name, err)
		if time.Since(began) > longestWait {
			tries = 0
		}
		select {
		case <-ctx.Done():
			return nil
		case <-n.closing:
			return nil
		case <-time.After(pause(n.wait, tries)):
		}
	}
}

// pause is a time by chance, so that not all who lost a server come back at once.
func pause(first time.Duration, tries int) time.Duration {
	most := min(longestWait, first<<min(tries, 10))
	return most/10 + rand.N(most)
}

// ends reports whether the node is closed.
func (n *Node) ends() bool {
	select {
	case <-n.closing:
		return true
	default:
		return false
	}
}

// check returns what is wrong with a target, and fills the zero values.
func (t *Target) check() error {
	if (t.URL == "") == (t.Dial == nil) {
		return errors.New("a target needs one of URL and Dial")
	}
	if t.URL != "" {
		u, err := url.Parse(t.URL)
		if err != nil || u.Host == "" || u.User != nil {
			return errors.New("URL: want wss://host/path, without a user")
		}
		t.Name = cmp.Or(t.Name, u.Host)
		if t.HTTP == nil {
			t.HTTP = http.DefaultClient
		}
	}
	if t.Name == "" {
		return errors.New("a target with Dial needs a Name")
	}
	return nil
}

// once connects and exchanges until the connection is lost.
func (n *Node) once(ctx context.Context, t Target) (final bool, err error) {
	heard := &pulse{}
	l, final, err := n.dial(ctx, t, heard)
	if err != nil {
		return final, err
	}
	return n.meet(ctx, l, heard, func(ctx context.Context, h handshake) (*connection, error) { return h.begin(ctx, t) })
}

func (n *Node) dial(ctx context.Context, t Target, heard *pulse) (l link, final bool, err error) {
	ctx, cancel := n.first(ctx)
	defer cancel()
	if t.Dial != nil {
		conn, err := t.Dial(ctx)
		return &framed{conn: conn, frames: t.Frames, patience: n.config.patience(), heard: heard.heard}, false, err
	}
	header := http.Header{}
	if t.Authorization != "" {
		header.Set("Authorization", t.Authorization)
	}
	conn, answer, err := websocket.Dial(ctx, t.URL, &websocket.DialOptions{HTTPClient: t.HTTP, HTTPHeader: header})
	if err != nil {
		err = refusedDial(t, answer, err)
		return nil, lasting(err), err
	}
	return &socket{conn, n.config.patience(), heard.heard}, false, nil
}

// refusedDial returns what the answer to a handshake says, where it is one that refuses.
func refusedDial(t Target, answer *http.Response, err error) error {
	if answer == nil || answer.StatusCode == http.StatusSwitchingProtocols {
		return err
	}
	text, _ := io.ReadAll(answer.Body) // the first 1024 bytes, which is all that is kept
	var told trouble
	if err := peer.Decode(text, &told); err != nil || told.Error == "" {
		at, _, _ := strings.Cut(t.URL, "?")
		told.Error = fmt.Sprintf("no node of a peer answers at %s, but %.100q: check the URL", at, text)
	}
	return &RefusedError{answer.StatusCode, fmt.Sprintf("%.300s", told.Error)}
}
