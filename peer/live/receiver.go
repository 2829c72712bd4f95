package live

import (
	"context"
	"errors"
	"net/http"

	"github.com/syncedgo/synced/peer"
)

// receiver stores and applies what comes, and acknowledges it.
type receiver struct {
	peer   *peer.Peer
	remote peer.Remote
	out    *outlet
	queue  chan message
	ticks  chan struct{}
	turn   *turn
	// hint tells that there may be changes for others.
	hint func()
	// told is the last receipt that the other side got.
	told peer.Receipt
}

// take queues a batch or a page.
func (r *receiver) take(m message) error {
	select {
	case r.queue <- m:
		return nil
	default:
		return badMessage("more than %d batches came that are not acknowledged: wait for the answer to the first", cap(r.queue))
	}
}

// tick looks at what waits, and tells the other side what became of it meanwhile.
func (r *receiver) tick() { signal(r.ticks) }

func (r *receiver) run(ctx context.Context) error {
	signal(r.ticks) // what an earlier connection left
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case m := <-r.queue:
			err = r.accept(ctx, m)
		case <-r.ticks:
			err = r.settle(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// accept takes a batch or a page.
func (r *receiver) accept(ctx context.Context, m message) error {
	if m.Type == typePage && r.turn.snapshot.Load() {
		return refuse(http.StatusConflict, "both sides have rows that the other was never given, from before their journals or of a model that is new, and send a snapshot: exchange once with a peer.Client first, which does one after the other")
	}
	if err := r.turn.take(ctx, false); err != nil {
		return err
	}
	receipt, err := r.store(ctx, m)
	r.turn.give()
	if errors.As(err, new(*peer.PositionError)) {
		return r.out.send(explain(err, m.ID))
	}
	if errors.As(err, new(*peer.PageError)) {
		return r.redirect(ctx, err, m.ID)
	}
	if err != nil {
		return err
	}
	r.hint()
	return r.acknowledge(receipt, m.ID)
}

// redirect tells where a snapshot goes on that another connection has brought further.
func (r *receiver) redirect(ctx context.Context, why error, re int64) error {
	receipt, err := r.peer.Receipt(ctx, r.remote)
	if err != nil {
		return err
	}
	cursor, err := r.peer.Cursor(ctx, r.remote)
	if err != nil {
		return err
	}
	status, told := peer.Explain(why)
	told.Expected = &receipt.Received
	m, err := newMessage(typeError, trouble{Trouble: *told, Status: status, Cursor: cursor})
	if err != nil {
		return err
	}
	m.Re = re
	return r.out.send(m)
}

func (r *receiver) store(ctx context.Context, m message) (*peer.Receipt, error) {
	if m.Type == typeChanges {
		var b peer.Batch
		if err := peer.Decode(m.Body, &b); err != nil {
			return nil, err
		}
		return r.peer.Accept(ctx, r.remote, &b)
	}
	var page peer.Page
	if err := peer.Decode(m.Body, &page); err != nil {
		return nil, err
	}
	if err := r.peer.AcceptPage(ctx, r.remote, &page); err != nil {
		return nil, err
	}
	return r.peer.Receipt(ctx, r.remote)
}

// settle applies what waits.
func (r *receiver) settle(ctx context.Context) error {
	if r.turn.snapshot.Load() {
		return nil // later
	}
	if err := r.turn.take(ctx, false); err != nil {
		return err
	}
	settled, err := r.peer.Settle(ctx, r.remote)
	r.turn.give()
	if err != nil || settled.Received < 0 { // nothing ever came
		return err
	}
	if equal(r.told, *settled) {
		return nil
	}
	r.hint()
	return r.acknowledge(settled, 0)
}

// equal compares receipts without their keys.
func equal(a, b peer.Receipt) bool {
	return a.Received == b.Received && a.Processed == b.Processed && a.Failed == b.Failed && a.Refused == b.Refused && a.Conflicts == b.Conflicts && a.KeysKnown == b.KeysKnown && a.KeysUpto == b.KeysUpto
}

func (r *receiver) acknowledge(receipt *peer.Receipt, re int64) error {
	r.told = *receipt
	return r.out.acknowledge(*receipt, re)
}
