package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/syncedgo/synced/peer"
)

// Node has the live connections of an installation. It answers those who connect by
// [Node.ServeHTTP] and [Node.Serve], and connects to others by [Node.Connect]. It is safe for
// concurrent use.
type Node struct {
	peer   *peer.Peer
	config Config
	hint   chan struct{}
	// wait is the longest time before the first new try to connect.
	wait time.Duration

	mu     sync.Mutex
	open   map[*connection]struct{}
	turns  map[string]*turn
	closed bool
	// closing is closed by Close, and stop stops the poll that runs while there are connections.
	closing chan struct{}
	stop    context.CancelFunc
	running sync.WaitGroup
}

// ErrClosed is the error of a node after Close.
var ErrClosed = errors.New("the node is closed")

// ErrNotConnected is a peer to which there is no connection.
var ErrNotConnected = errors.New("not connected")

// New makes a node of a peer. It connects to nobody.
func New(p *peer.Peer, c Config) (*Node, error) {
	if p == nil {
		return nil, errors.New("synced: live: the peer is missing: make one with peer.New")
	}
	c, err := c.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("synced: live: %w", err)
	}
	return &Node{peer: p, config: c, hint: make(chan struct{}, 1), wait: firstWait, open: map[*connection]struct{}{}, turns: map[string]*turn{}, closing: make(chan struct{})}, nil
}

// Hint makes the node look for new changes at once. Call it after a commit whose changes
// should not wait for the next look at the journal. It costs nothing, and does not wait.
func (n *Node) Hint() { signal(n.hint) }

// signal sets a flag that a goroutine waits for.
func signal(flag chan struct{}) {
	select {
	case flag <- struct{}{}:
	default:
	}
}

// Connected lists the peers with which there is a connection, one for each connection.
func (n *Node) Connected() []peer.Remote {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := make([]peer.Remote, 0, len(n.open))
	for c := range n.open {
		list = append(list, c.remote)
	}
	return list
}

// Close ends all connections: it waits until what was sent is acknowledged on both sides, or until
// ctx is done. The node then connects to and answers nobody.
func (n *Node) Close(ctx context.Context) error {
	n.mu.Lock()
	if !n.closed {
		n.closed = true
		close(n.closing)
	}
	for c := range n.open {
		c.sender.finish()
	}
	n.mu.Unlock()
	done := make(chan struct{})
	go func() {
		n.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	n.mu.Lock()
	for c := range n.open {
		c.abort(ctx.Err())
	}
	n.mu.Unlock()
	<-done
	return fmt.Errorf("synced: live: close: what is in flight was not acknowledged in time: %w", ctx.Err())
}

// enter notes a connection that is established.
func (n *Node) enter(c *connection) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return refuse(http.StatusServiceUnavailable, "this side is about to end")
	}
	same := 0
	for other := range n.open {
		if other.remote.GUID == c.remote.GUID {
			same++
		}
	}
	if same >= mostConnections {
		return refuse(http.StatusTooManyRequests, "installation %s has %d connections already", c.remote.GUID, same)
	}
	n.open[c] = struct{}{}
	n.running.Add(1)
	if len(n.open) == 1 {
		ctx, stop := context.WithCancel(context.Background())
		n.stop = stop
		n.running.Go(func() { n.poll(ctx) })
	}
	n.Hint()
	return nil
}

// turn lets one do what must not happen at once with a peer: send a snapshot, and store what it
// sends. A row that comes while a snapshot is read may be missing in it, and would be removed
// where it came from.
type turn struct {
	one chan struct{}
	// snapshot reports whether a snapshot is sent.
	snapshot atomic.Bool
}

// turnOf returns that of a peer.
func (n *Node) turnOf(guid string) *turn {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.turns[guid] == nil {
		n.turns[guid] = &turn{one: make(chan struct{}, 1)}
	}
	return n.turns[guid]
}

// take waits for the turn.
func (t *turn) take(ctx context.Context, snapshot bool) error {
	select {
	case t.one <- struct{}{}:
		t.snapshot.Store(snapshot)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// give gives it to the next.
func (t *turn) give() {
	t.snapshot.Store(false)
	<-t.one
}

// leave notes that a connection has ended.
func (n *Node) leave(c *connection) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.open, c)
	if len(n.open) == 0 {
		n.stop()
	}
	n.running.Done()
}

// poll looks for new changes, and wakes the connections.
func (n *Node) poll(ctx context.Context) {
	ticker := time.NewTicker(n.config.Poll)
	defer ticker.Stop()
	failed := false
	for {
		last, err := n.peer.Last(ctx)
		if err != nil && ctx.Err() == nil && !failed {
			n.config.OnError(ctx, "", fmt.Errorf("synced: live: look for changes: %w", err))
		}
		failed = err != nil
		if err == nil {
			n.mu.Lock()
			for c := range n.open {
				c.sender.reaches(last)
			}
			n.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-n.hint:
		}
	}
}

// Send sends a message of a type that the other side has registered to a peer that is
// connected, and waits until it was handled there. The error of the other side is a
// [RefusedError]; one of a peer that is not connected is an [ErrNotConnected]. A message whose
// connection is lost may have been handled. Body is written as JSON of at most 64 KiB.
func (n *Node) Send(ctx context.Context, guid, typ string, body any) error {
	n.mu.Lock()
	var to *connection
	for c := range n.open {
		if c.remote.GUID == guid {
			to = c
		}
	}
	n.mu.Unlock()
	err := ErrNotConnected
	if to != nil {
		err = to.services.send(ctx, typ, body)
	}
	if err != nil {
		return fmt.Errorf("synced: live: send %.60q to %s: %w", typ, guid, err)
	}
	return nil
}
