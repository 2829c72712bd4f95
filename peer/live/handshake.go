package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/syncedgo/synced/peer"
)

// unknown is how long a message may be of who has not said yet who it is, and meeting how long
// the first messages may take.
const (
	unknown = 16 << 10
	meeting = 30 * time.Second
)

// handshake makes a connection of a link: both sides say who they are, and where they stand.
type handshake struct {
	node  *Node
	link  link
	heard *pulse
}

// answer does so with a peer that has connected. Who tells its name here.
func (h handshake) answer(ctx context.Context, who func(authorization string) (string, error)) (*connection, string, error) {
	var theirs hello
	if err := h.read(typeHello, &theirs); err != nil {
		return nil, "", err
	}
	name, err := who(theirs.Authorization)
	if err != nil {
		return nil, "", refuse(http.StatusUnauthorized, "%v", err)
	}
	remote := peer.Remote{GUID: theirs.GUID, Name: name}
	decides := h.node.config.LetDecide == nil || !h.node.config.LetDecide(name)
	ours, err := h.node.peer.Meet(ctx, remote, theirs.Hello, decides)
	if err == nil {
		err = h.say(typeHello, h.hello(*ours, ""))
	}
	if err != nil {
		return nil, name, err
	}
	c, err := h.agree(ctx, remote, theirs, ours)
	return c, name, err
}

// begin does so with a peer that we have connected to.
func (h handshake) begin(ctx context.Context, t Target) (*connection, error) {
	// Their GUID is not known before their hello; what is said does not depend on it.
	authorization := ""
	if t.Dial != nil {
		authorization = t.Authorization
	}
	if err := h.say(typeHello, h.hello(h.node.peer.Hello(t.Decides), authorization)); err != nil {
		return nil, err
	}
	var theirs hello
	if err := h.read(typeHello, &theirs); err != nil {
		return nil, err
	}
	remote := peer.Remote{GUID: theirs.GUID, Name: t.Name}
	met, err := h.node.peer.Meet(ctx, remote, theirs.Hello, t.Decides)
	if err != nil {
		return nil, err
	}
	return h.agree(ctx, remote, theirs, met)
}

func (h handshake) hello(ours peer.Hello, authorization string) hello {
	return hello{Hello: ours, Window: window, MaxBytes: h.node.config.MaxMessageBytes, Authorization: authorization}
}

// agree tells where each side stands.
func (h handshake) agree(ctx context.Context, remote peer.Remote, theirs hello, ours *peer.Hello) (*connection, error) {
	n := h.node
	if theirs.Window < 1 || theirs.MaxBytes < shortest {
		return nil, badMessage("a window of %d and messages of %d bytes: at least 1 and %d are needed", theirs.Window, theirs.MaxBytes, shortest)
	}
	cursor, err := n.peer.Cursor(ctx, remote)
	if err != nil {
		return nil, err
	}
	if err := h.say(typeFrom, from{After: ours.Received, Version: ours.Version, Cursor: cursor}); err != nil {
		return nil, err
	}
	h.link.limit(n.config.MaxMessageBytes)
	var at from
	if err := h.read(typeFrom, &at); err != nil {
		return nil, err
	}
	last, err := n.peer.Last(ctx)
	if err != nil {
		return nil, err
	}
	if at.After > max(last, 0) {
		return nil, refuse(http.StatusPreconditionFailed, "the peer has changes up to %d of installation %s, whose journal ends at %d: its database was restored from an older copy; call NewInstallation on the journal", at.After, n.peer.GUID(), last)
	}
	if err := n.peer.Continues(ctx, at.After, at.Version); err != nil {
		return nil, err
	}
	out := &outlet{link: h.link, longest: min(h.link.most(), theirs.MaxBytes) - envelope}
	c := &connection{node: n, remote: remote, link: h.link, out: out, small: make(chan message, 4*mostWaiting), heard: h.heard}
	turn := n.turnOf(remote.GUID)
	c.sender = &sender{
		turn: turn, peer: n.peer, remote: remote, out: out, wake: make(chan struct{}, 1), flight: map[int64]bool{},
		window: min(theirs.Window, window),
		way:    way{read: at.After, base: at.After, stored: at.After, snapshot: at.Cursor != "", at: at.Cursor, cursor: at.Cursor},
	}
	c.receiver = &receiver{turn: turn, peer: n.peer, remote: remote, out: out, queue: make(chan message, window), ticks: make(chan struct{}, 1), hint: n.Hint}
	c.services = &services{node: n, remote: remote, out: out, later: c.later, queue: make(chan message, mostWaiting), waiting: map[int64]chan error{}}
	return c, nil
}

// envelope is what is around the body of a message, at most.
const envelope = 200

func (h handshake) say(typ string, body any) error {
	m, err := newMessage(typ, body)
	if err == nil {
		err = (&outlet{link: h.link}).send(m)
	}
	return err
}

func (h handshake) read(typ string, into any) error {
	raw, err := h.link.read()
	if err != nil {
		return fmt.Errorf("wait for the peer's %s: %w", typ, err)
	}
	m, err := decodeMessage(raw)
	if err != nil {
		return err
	}
	return m.read(typ, into)
}

// first is the context of the first messages.
func (n *Node) first(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, meeting)
	go func() {
		select {
		case <-n.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// meet makes the connection in the time for it, and uses it until it ends. Final reports
// whether an error will be the same next time.
func (n *Node) meet(ctx context.Context, l link, heard *pulse, how func(context.Context, handshake) (*connection, error)) (final bool, err error) {
	defer l.close()
	l.limit(unknown)
	first, cancel := n.first(ctx)
	stop := context.AfterFunc(first, l.close)
	c, err := how(first, handshake{n, l, heard})
	stop()
	cancel()
	if err != nil {
		if !errors.As(err, new(*RefusedError)) {
			(&connection{link: l, out: &outlet{link: l}}).tell(err)
		}
		return lasting(err), err
	}
	return false, c.run(ctx)
}
