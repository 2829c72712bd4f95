package remotetest

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// happened is what became of a record: its state after that, and when.
type happened struct {
	in   *Collection
	what string // created, updated, deleted
	key  string
	raw  jsontext.Value // of a deleted record, as it was
	at   time.Time
	seq  int // of the account's, from 1
}

// record takes note of what becomes of a record, where the API tells it; the caller
// holds mu.
func (c *Collection) record(what string, e *entry) {
	config := c.config()
	if config.Events.Endpoint == "" && config.Positions.Path == "" {
		return
	}
	a := c.account
	a.history = append(a.history, happened{in: c, what: what, key: e.key, raw: e.raw, at: e.at, seq: len(a.history) + 1})
}

// since returns what became of records after a position, in order; of each the last only,
// unless repeats. In is nil for all collections.
func (a *Account) since(seq int, in *Collection, repeats bool) []happened {
	var list []happened
	for _, h := range a.history[min(seq, len(a.history)):] {
		if in == nil || h.in == in {
			list = append(list, h)
		}
	}
	if repeats {
		return list
	}
	last := map[string]int{}
	for _, h := range list {
		last[h.in.name+"\x00"+h.key] = h.seq
	}
	kept := list[:0]
	for _, h := range list {
		if last[h.in.name+"\x00"+h.key] == h.seq {
			kept = append(kept, h)
		}
	}
	return kept
}
