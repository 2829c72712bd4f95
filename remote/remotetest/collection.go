package remotetest

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Collection is a list of records, in the order in which its pages show them. A
// mistake in a test (a record without an id, an id that is not there) panics.
type Collection struct {
	account *Account
	name    string

	// Guarded by the server's mu.
	order   []*entry
	byKey   map[string]*entry
	deleted []*entry // oldest first; their raw is no longer kept
	seq     int      // counts the changes
	changed time.Time
}

func newCollection(a *Account, name string) *Collection {
	return &Collection{account: a, name: name, byKey: map[string]*entry{}}
}

// Put creates records at the end, or replaces them where they are. Their
// updated_at, or what [Since] calls it, is the server's time.
func (c *Collection) Put(records ...Record) {
	at := stamp(c.account.server.Now())
	for _, r := range records {
		c.put(r, at)
	}
}

// PutRaw puts a record whose bytes matter. They are sent as they are, so
// updated_at is up to them; updated_since goes by the server's time.
func (c *Collection) PutRaw(raw string) {
	var key string
	err := members(jsontext.Value(raw), func(name string, value jsontext.Value) {
		if name == c.config().Style.ID {
			key = string(value)
		}
	})
	if err != nil {
		panic(fmt.Sprintf("remotetest: %s: record %s: %v", c.name, raw, err))
	}
	c.store(&entry{key: key, raw: jsontext.Value(raw), at: stamp(c.account.server.Now())})
}

// Generate puts n records made by f, which is called with 0 to n-1 and a source
// of chance that depends on the seed, the account and the collection only.
func (c *Collection) Generate(n int, f func(i int, r *rand.Rand) Record) {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%s", c.account.Token(), c.name)
	r := rand.New(rand.NewPCG(c.account.server.config.Seed, h.Sum64()))
	at := stamp(c.account.server.Now())
	for i := range n {
		c.put(f(i, r), at)
	}
}

// Update sets members of a record and leaves the others as they are.
func (c *Collection) Update(id any, changes Record) {
	at := stamp(c.account.server.Now())
	c.account.server.mu.Lock()
	defer c.account.server.mu.Unlock()
	e := c.find(id)
	changes = maps.Clone(changes)
	if changes == nil {
		changes = Record{}
	}
	changes[c.config().Since.Field] = c.config().Since.value(at)
	merged, err := merge(e.raw, changes)
	if err != nil {
		panic(fmt.Sprintf("remotetest: %s: record %s: %v", c.name, e.key, err))
	}
	if key := keyOf(merged[c.config().Style.ID]); key != e.key {
		panic(fmt.Sprintf("remotetest: %s: record %s: its id can't become %s", c.name, e.key, key))
	}
	e.raw, e.at, e.seq = encode(merged), at, c.next(at)
	c.record("updated", e)
}

// Delete removes records. How that is told is up to [Deletions]: by default their
// ids are in meta.deleted_ids of requests with an updated_since up to now.
func (c *Collection) Delete(ids ...any) {
	at := stamp(c.account.server.Now())
	c.account.server.mu.Lock()
	defer c.account.server.mu.Unlock()
	for _, id := range ids {
		e := c.find(id)
		delete(c.byKey, e.key)
		e.at, e.seq = at, c.next(at)
		c.record("deleted", e)
		if name := c.config().Deletions.Tombstone; name != "" && c.config().Style.By != BySequence {
			value := c.config().Since.value(at)
			// What merge can't read was stored by PutRaw, which checked it.
			merged, _ := merge(e.raw, Record{name: value, c.config().Since.Field: value})
			e.raw, e.gone = encode(merged), true
		}
		c.deleted = append(c.deleted, &entry{key: e.key, at: at, seq: e.seq})
	}
	c.order = slices.DeleteFunc(c.order, func(e *entry) bool { return !e.gone && c.byKey[e.key] == nil })
}

// Move takes a record to a position, from 0, without changing it. So it may come to
// another page while a client reads.
func (c *Collection) Move(id any, to int) {
	at := c.account.server.Now()
	c.account.server.mu.Lock()
	defer c.account.server.mu.Unlock()
	e := c.find(id)
	c.next(stamp(at))
	c.order = slices.DeleteFunc(c.order, func(other *entry) bool { return other == e })
	c.order = slices.Insert(c.order, max(0, min(to, len(c.order))), e)
}

// Get returns a copy of a record, and whether there is one.
func (c *Collection) Get(id any) (Record, bool) {
	raw, ok := c.Raw(id)
	if !ok {
		return nil, false
	}
	return decode(jsontext.Value(raw)), true
}

// Raw returns a record as it is sent, and whether there is one.
func (c *Collection) Raw(id any) (string, bool) {
	c.account.server.mu.Lock()
	defer c.account.server.mu.Unlock()
	e := c.byKey[keyOf(id)]
	if e == nil {
		return "", false
	}
	return string(e.raw), true
}

// IDs returns the ids in order: int64 for whole numbers, or strings.
func (c *Collection) IDs() []any {
	c.account.server.mu.Lock()
	defer c.account.server.mu.Unlock()
	ids := make([]any, 0, len(c.byKey))
	for _, e := range c.order {
		if !e.gone {
			ids = append(ids, valueOf(e.key))
		}
	}
	return ids
}

// Len returns the number of records.
func (c *Collection) Len() int {
	c.account.server.mu.Lock()
	defer c.account.server.mu.Unlock()
	return len(c.byKey)
}

// put encodes and stores a record.
func (c *Collection) put(r Record, at time.Time) {
	r = maps.Clone(r)
	id, ok := r[c.config().Style.ID]
	if !ok {
		panic(fmt.Sprintf("remotetest: %s: record %v has no id", c.name, r))
	}
	r[c.config().Since.Field] = c.config().Since.value(at)
	c.store(&entry{key: keyOf(id), raw: encode(r), at: at})
}

// store adds an entry, or replaces the one with its id. The id is no longer a
// deleted one.
func (c *Collection) store(e *entry) {
	if e.key == "" || e.key == "null" {
		panic(fmt.Sprintf("remotetest: %s: record %s has no id", c.name, e.raw))
	}
	c.account.server.mu.Lock()
	defer c.account.server.mu.Unlock()
	e.seq = c.next(e.at)
	if old := c.byKey[e.key]; old != nil {
		c.record("updated", e)
		*old = *e
		return
	}
	c.record("created", e)
	c.byKey[e.key] = e
	c.order = append(c.order, e)
	if len(c.deleted) > 0 {
		same := func(d *entry) bool { return d != e && d.key == e.key }
		c.deleted = slices.DeleteFunc(c.deleted, same)
		c.order = slices.DeleteFunc(c.order, same)
	}
}

// next counts a change; the caller holds mu.
func (c *Collection) next(at time.Time) int {
	c.seq++
	c.changed = at
	return c.seq
}

// changes are the records and the tombstones of deleted ones by their last change;
// the caller holds mu.
func (c *Collection) changes() []*entry {
	list := slices.Clone(c.order)
	for _, e := range c.deleted {
		list = append(list, c.deletion(e, "_deleted", true))
	}
	slices.SortFunc(list, func(a, b *entry) int { return a.seq - b.seq })
	return list
}

// config is the server's.
func (c *Collection) config() Config { return c.account.server.config }

// find is for callers that hold mu.
func (c *Collection) find(id any) *entry {
	e := c.byKey[keyOf(id)]
	if e == nil {
		panic(fmt.Sprintf("remotetest: %s: no record %s", c.name, keyOf(id)))
	}
	return e
}
