package remotetest

import (
	"slices"
	"strconv"
	"time"
)

// Events is a list of events beside the lists: what became of each record of an account,
// as in {"id":"evt_7","type":"rentals.updated","created":1767268800,"data":{"object":{…}}}.
// Its pages follow each other as those of other lists do. The zero value is none.
// [StripeEvents] is ready-made.
type Events struct {
	// Endpoint is the path of the list: "events".
	Endpoint string
	// Record is where an event has the record as it was then, or as it was before it was
	// deleted. See [Style] for paths. IDOnly leaves all of it out but the id.
	Record string
	IDOnly bool
	// Type is where an event has what happened: the collection's name with ".created",
	// ".updated" or ".deleted".
	Type string
	// Types names a parameter that lists events of these types only. Defaults to none.
	Types string
	// Since is how events are asked for from a time; Since.Field is where they have
	// theirs. Lists know nothing of it.
	Since Since
	// NewestFirst begins with the last event.
	NewestFirst bool
	// Retention is how long an event is listed. Then it is gone without a word. Defaults
	// to for ever.
	Retention time.Duration
	// Start is an endpoint that answers where the events stand, as Positions.Path. The
	// events are then asked from a position, and the lists have none. Defaults to none.
	Start string
}

// listed are the events that a request asks for, in the order of the list; the caller holds
// mu.
func (a *Account) listed(req Request, q question) []*entry {
	e := a.server.config.Events
	types := req.Query[e.Types]
	var list []*entry
	for _, h := range a.since(q.position.seq, nil, true) {
		kind := h.in.name + "." + h.what
		if q.asked && !e.Since.lists(h.at, q.span) || e.Retention > 0 && h.at.Before(req.At.Add(-e.Retention)) || len(types) > 0 && !slices.Contains(types, kind) {
			continue
		}
		id := "evt_" + strconv.Itoa(h.seq)
		raw := []byte(h.raw)
		if e.IDOnly {
			raw = encode(map[string]any{a.server.config.Style.ID: valueOf(h.key)})
		}
		var event document
		event.set("id", encode(id))
		event.set(e.Type, encode(kind))
		event.set(e.Since.Field, encode(e.Since.value(h.at)))
		event.set(e.Record, raw)
		list = append(list, &entry{key: keyOf(id), raw: event.bytes(), at: h.at, seq: h.seq})
	}
	if e.NewestFirst {
		slices.Reverse(list)
	}
	return list
}

// withDefaults fills the zero values.
func (e Events) withDefaults() Events {
	e.Since = e.Since.withDefaults()
	return e
}
