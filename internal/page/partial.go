package page

import (
	"errors"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/remote"
)

// partial is what is known of a record whose object may leave out attributes that did
// not change.
type partial struct {
	// sent is the object as it was received, without what its row keeps.
	sent remote.Object
	// whole reports whether the record was asked for by itself since.
	whole bool
	// lack is the attribute that the object lacks and nothing is known of, or "".
	lack string
	// unread reports whether the object could not be merged, because it is invalid.
	unread bool
	// summary reports whether the object is only a summary, of which nothing is mapped.
	summary bool
	// why is why the record could not be asked for by itself, or nil.
	why error
}

// MayLack notes that the record's object may leave out attributes that did not change, or
// is only a summary, as the model is declared. The fingerprint of a summary tells whether the
// record must be asked for by itself. One that is empty has no part of it: the record was
// only named.
func (r *Record) MayLack() {
	r.partial = &partial{sent: r.Object, summary: r.maker.Model.Expand > 0}
	if r.Named = string(r.Object.Raw()) == string(named.Raw()); r.Named {
		return
	}
	if r.partial.summary {
		r.Hash = r.maker.Model.Plan.Summary(r.Object)
	}
}

// named is the object of a record of which only the id is known.
var named = remote.UncheckedObject([]byte("{}"))

// Named makes a record of which only the id is known. It can't be mapped until it was
// asked for.
func (m *Maker) Named(id backend.ID) *Record {
	r := m.Record(id, named)
	r.MayLack()
	return r
}

// Listed reports whether the record was listed with what changed, and perhaps without
// the rest.
func (r *Record) Listed() bool { return r.partial != nil && !r.partial.summary }

// Partial reports whether the record's object, as it was received, may leave out
// attributes, or is only a summary.
func (r *Record) Partial() bool { return r.partial != nil && !r.partial.whole }

// Part reports whether the object, as it is, leaves out what nobody knows here.
func (r *Record) Part() bool {
	return r.Partial() && (r.partial.summary || r.partial.lack != "" || r.partial.unread || r.Named)
}

// Sent returns the object as it was received: by itself, where the record was asked for.
func (r *Record) Sent() remote.Object {
	if r.Partial() {
		return r.partial.sent
	}
	return r.Object
}

// Said returns the object that tells of nested records: what a partial one leaves out
// says nothing about them, as long as the row was there.
func (r *Record) Said() remote.Object {
	if r.Appeared() {
		return r.Object
	}
	return r.Sent()
}

// Then takes in what a page lists of the record after this, and reports whether the two
// can be read as one.
func (r *Record) Then(later *Record) bool {
	if !r.Partial() || !later.Partial() || r.Object.Err() != nil || later.Object.Err() != nil {
		return false
	}
	r.partial.sent = plan.Overlay(r.partial.sent, later.partial.sent)
	r.set(r.partial.sent)
	return true
}

// Complete merges what was sent of the record over the whole object, and reports whether
// that changes anything. Hash is the fingerprint of the row that keeps the whole object,
// or nil.
func (r *Record) Complete(whole, sent remote.Object, hash *int64) (changed bool) {
	if r.partial.lack, r.partial.unread = "", sent.Err() != nil; r.partial.unread {
		r.set(sent)
		return true
	}
	merged, changed := r.maker.Model.Plan.Merge(whole, sent)
	r.set(merged)
	if !changed && hash != nil { // a database may spell it otherwise than the remote
		r.Hash = r.maker.Model.Plan.Refingerprint(*hash)
	}
	return changed
}

// Alone has what was sent stand for the record, to which there is no whole object, and
// reports whether it has all attributes that the model reads.
func (r *Record) Alone(sent remote.Object) bool {
	if r.partial.lack, r.partial.unread = "", sent.Err() != nil; !r.partial.unread {
		r.partial.lack = r.maker.Model.Lacks(sent)
	}
	r.set(sent)
	return !r.Part()
}

// Unread notes that what waits in quarantine of the record can't be read, so that it is
// not known what the object leaves out.
func (r *Record) Unread() {
	r.partial.unread = true
	r.set(r.partial.sent)
}

// Whole has an object in the place of what was received: the record was asked for by
// itself. Its fingerprint stays that of the summary, where there is one.
func (r *Record) Whole(o remote.Object) {
	if r.partial == nil {
		return // it was kept whole
	}
	hash := r.Hash
	r.set(o)
	if r.partial.summary && !r.Named {
		r.Hash = hash
	}
	r.partial.whole, r.Named = true, false
}

// Unasked notes why the record could not be asked for by itself.
func (r *Record) Unasked(why error) { r.partial.why = why }

// set makes an object the record's.
func (r *Record) set(o remote.Object) {
	r.Object, r.Hash, r.early = o, r.maker.Model.Plan.Fingerprint(o), nil
}

// lacks returns why the object is not the whole record, or nil.
func (r *Record) lacks() error {
	switch {
	case r.Named && r.partial.why != nil:
		return fmt.Errorf("the remote told only that the record changed, and asking for it did not bring it: %w", r.partial.why)
	case r.Named:
		return errors.New("the remote told only that the record changed: call SyncOne with its id, or run strategy.Full{} once")
	}
	if r.Partial() && r.partial.summary {
		if r.partial.why != nil {
			return fmt.Errorf("the list has a summary of it, and asking for the record did not bring it: %w", r.partial.why)
		}
		return errors.New("the list has a summary of it, and the record was not asked for: the next run asks")
	}
	if !r.Partial() || r.Object.Err() != nil || !r.Part() {
		return nil
	}
	what := fmt.Sprintf("the object leaves out %q", r.partial.lack)
	if r.partial.lack == "" {
		what = "what was received of the record before can't be read"
	}
	if r.partial.why != nil {
		return fmt.Errorf("%s, nothing here keeps the whole record, and asking for it did not bring it: %w; run strategy.Full{} once", what, r.partial.why)
	}
	return fmt.Errorf("%s, and nothing here keeps the whole record: call SyncOne with its id, or run strategy.Full{} once", what)
}
