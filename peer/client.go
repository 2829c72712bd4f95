package peer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/syncedgo/synced/remote/wire"
)

// ClientConfig says where a [Handler] is, and how it is asked. Only BaseURL of Wire is
// required: the path under which the handler stands.
type ClientConfig struct {
	// Wire makes the requests: its Auth has the credentials, its Retry says how often a
	// request is repeated.
	Wire wire.Config
	// Decides reports whether this side decides what becomes of conflicts. The handler has to
	// let it, see HandlerConfig.LetDecide. By default the handler decides.
	Decides bool
}

// Client exchanges changes with one [Handler]. It makes all requests, so its side may be in
// a private network. It is safe for concurrent use, though two exchanges at once only get in
// each other's way.
type Client struct {
	peer    *Peer
	wire    *wire.Client
	decides bool
}

// NewClient makes a client of a peer. It makes no request.
func NewClient(p *Peer, c ClientConfig) (*Client, error) {
	w, err := wire.NewClient(c.Wire)
	if err != nil {
		return nil, fmt.Errorf("synced: peer: %w", err)
	}
	return &Client{p, w, c.Decides}, nil
}

// Result is what an exchange did.
type Result struct {
	// Peer is the GUID of the other installation.
	Peer string
	// Pushed and Pulled are how many changes were sent and received.
	Pushed, Pulled int
	// Ours and Theirs tell what became of changes: of ours over there, and of theirs here.
	Ours, Theirs Receipt
}

// Quiet reports whether nothing was exchanged, and nothing waits on either side.
func (r Result) Quiet() bool {
	waits := func(r Receipt) bool { return r.Processed < r.Received }
	return r.Pushed == 0 && r.Pulled == 0 && !waits(r.Ours) && !waits(r.Theirs)
}

// Exchange sends the changes that the handler does not have, then gets those that are not
// here. It may be canceled or killed anywhere, and called again: each side resumes after the
// last change that the other has stored.
//
// Changes that can't be applied are no error; the result counts them, and [Peer.Failures]
// lists them.
func (c *Client) Exchange(ctx context.Context) (Result, error) {
	r, err := c.exchange(ctx)
	if err != nil {
		return r, fmt.Errorf("synced: exchange with %s: %w", c.wire.URL(), err)
	}
	return r, nil
}

func (c *Client) exchange(ctx context.Context) (r Result, err error) {
	handler, theirs, err := c.meet(ctx)
	if err != nil {
		return r, err
	}
	r.Peer = handler.GUID
	if err := c.push(ctx, handler, theirs, &r); err != nil {
		return r, fmt.Errorf("push: %w", err)
	}
	if err := c.pull(ctx, handler, &r); err != nil {
		return r, fmt.Errorf("pull: %w", err)
	}
	return r, nil
}

// meet says hello.
func (c *Client) meet(ctx context.Context) (Remote, *Hello, error) {
	// The handler's GUID is not known before its answer; what is said does not depend on it.
	var theirs Hello
	if err := c.call(ctx, http.MethodPost, "hello", nil, c.peer.Hello(c.decides), &theirs); err != nil {
		return Remote{}, nil, err
	}
	handler := Remote{GUID: theirs.GUID, Name: c.wire.URL().Host}
	return handler, &theirs, c.peer.acquaint(ctx, handler, theirs, c.decides)
}

// push sends the changes after what the handler says that it has.
func (c *Client) push(ctx context.Context, handler Remote, theirs *Hello, r *Result) error {
	after := theirs.Received
	for again, whole := false, false; ; {
		b, err := c.peer.Changes(ctx, handler, after)
		var behind *PositionError
		if errors.As(err, &behind) { // it had more, or another exchange sent it meanwhile
			if after, err = c.received(ctx, behind.Expected); err == nil {
				continue
			}
		}
		if errors.Is(err, ErrAway) && after == theirs.Received && isPast(c.peer.Continues(ctx, after, theirs.Version)) {
			// No rows of a copy: the handler refuses its changes, so that both sides tell.
			b = &Batch{After: after, Upto: after}
			b.Since, err = c.peer.versionAt(ctx, after)
		}
		if errors.Is(err, ErrAway) && !whole {
			whole = true
			after, err = c.pushSnapshot(ctx, handler, r)
			if overtaken(err) {
				after, err = c.received(ctx, nothing)
			}
			if err != nil {
				return fmt.Errorf("snapshot: %w", err)
			}
			continue
		}
		if err != nil {
			return err
		}
		if b.Upto == b.After && (after != theirs.Received || follows("", after, b.Since, theirs.Version) == nil) {
			return nil
		}
		var receipt Receipt
		err = c.call(ctx, http.MethodPost, "changes", nil, b, &receipt)
		var position *PositionError
		if errors.As(err, &position) && !again {
			after, again = position.Expected, true
			continue
		}
		if err != nil {
			return err
		}
		if receipt.Received != b.Upto {
			return fmt.Errorf("the peer took changes up to %d, and says %d", b.Upto, receipt.Received)
		}
		r.Pushed, r.Ours, after = r.Pushed+len(b.Changes), receipt, b.Upto
		if err := c.peer.Acknowledge(ctx, handler, &receipt); err != nil {
			return err
		}
		if !b.More {
			return nil
		}
	}
}

// received asks the handler how far it has our changes, which it had up to a position.
func (c *Client) received(ctx context.Context, had int64) (int64, error) {
	handler, theirs, err := c.meet(ctx)
	if err == nil && theirs.Received < had {
		err = restored(handler.GUID, theirs.Received, had)
	}
	return theirs.Received, err
}

// pull gets changes, and tells the handler what became of them.
func (c *Client) pull(ctx context.Context, handler Remote, r *Result) error {
	for whole := false; ; {
		s, _, err := standingOf(ctx, c.peer.db, handler.GUID)
		if err != nil {
			return err
		}
		var b Batch
		err = c.call(ctx, http.MethodGet, "changes", map[string]string{"after": strconv.FormatInt(s.received, 10), "version": s.version}, nil, &b)
		var position *PositionError
		if errors.As(err, &position) {
			now, _, err := standingOf(ctx, c.peer.db, handler.GUID)
			if err == nil && now.received < position.Expected {
				err = restored(c.peer.GUID(), now.received, position.Expected)
			}
			if err != nil {
				return err
			}
			if now.received > s.received {
				continue // another exchange stored more meanwhile
			}
		}
		if !whole && (s.snapshot == receiving || errors.Is(err, ErrAway)) {
			whole = true
			if err := c.pullSnapshot(ctx, handler, r); err != nil && !overtaken(err) {
				return fmt.Errorf("snapshot: %w", err)
			}
			continue
		}
		if err != nil {
			return err
		}
		receipt, err := c.peer.Accept(ctx, handler, &b)
		if errors.As(err, new(*PositionError)) && b.After == s.received {
			continue // another exchange stored them meanwhile
		}
		if err != nil {
			return err
		}
		r.Pulled, r.Theirs = r.Pulled+len(b.Changes), *receipt
		if err := c.call(ctx, http.MethodPost, "acknowledge", nil, receipt, &r.Ours); err != nil {
			return err
		}
		if err := c.peer.Acknowledge(ctx, handler, &r.Ours); err != nil {
			return err
		}
		if !b.More {
			return nil
		}
	}
}

// call makes one request.
func (c *Client) call(ctx context.Context, method, what string, query map[string]string, message, into any) error {
	u := c.wire.URL(what)
	values := u.Query()
	for name, value := range query {
		values.Set(name, value)
	}
	u.RawQuery = values.Encode()
	req := &wire.Request{
		Method: method, URL: u, Repeatable: true, Accept: []int{http.StatusConflict, http.StatusGone, http.StatusUpgradeRequired},
		Header: http.Header{guidHeader: {c.peer.GUID()}, "Accept": {"application/json"}},
	}
	if message != nil {
		body, err := encode(message)
		if err != nil {
			return err
		}
		packed, encoding := pack(body)
		req.Body = packed
		req.Header.Set("Content-Type", "application/json")
		if encoding != "" {
			req.Header.Set("Content-Encoding", encoding)
		}
	}
	answer, err := c.wire.Do(ctx, req)
	if err != nil {
		return err
	}
	if answer.Status >= http.StatusBadRequest {
		var t Trouble
		err := decode(answer.Body, &t)
		switch {
		case err != nil:
		case t.Snapshot && answer.Status == http.StatusGone:
			err = ErrAway
		case t.Snapshot:
			err = &PageError{}
		case t.Expected != nil:
			err = &PositionError{Expected: *t.Expected}
		case answer.Status == http.StatusUpgradeRequired:
			err = fmt.Errorf("the peer's protocol is %.20q, and ours %s: bring the peer up to date first", t.Protocol, Protocol)
		default:
			err = fmt.Errorf("the peer answers %d: %.200s", answer.Status, t.Error)
		}
		return answer.Wrap(err)
	}
	if err := decode(answer.Body, into); err != nil {
		return answer.Wrap(err)
	}
	return nil
}
