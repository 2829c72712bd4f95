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
	deleted []deletion // oldest first
}

// deletion is what a collection remembers of a deleted record.
type deletion struct {
	key string
	at  time.Time
}

func newCollection(a *Account, name string) *Collection {
	return &Collection{account: a, name: name, byKey: map[string]*entry{}}
}

// Put creates records at the end, or replaces them where they are. Their
// updated_at is the server's time.
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
		if name == "id" {
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
	fmt.Fprintf(h, "%s\x00%s", c.account.token, c.name)
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
	merged := map[string]any{}
	if err := members(e.raw, func(name string, value jsontext.Value) { merged[name] = value }); err != nil {
		panic(fmt.Sprintf("remotetest: %s: record %s: %v", c.name, e.key, err))
	}
	maps.Copy(merged, changes)
	merged["updated_at"] = at
	if key := keyOf(merged["id"]); key != e.key {
		panic(fmt.Sprintf("remotetest: %s: record %s: its id can't become %s", c.name, e.key, key))
	}
	e.raw, e.at = encode(merged), at
}

// Delete removes records, and lists their ids in meta.deleted_ids of requests with
// an updated_since up to now.
func (c *Collection) Delete(ids ...any) {
	at := stamp(c.account.server.Now())
	c.account.server.mu.Lock()
	defer c.account.server.mu.Unlock()
	for _, id := range ids {
		e := c.find(id)
		delete(c.byKey, e.key)
		c.deleted = append(c.deleted, deletion{key: e.key, at: at})
	}
	c.order = slices.DeleteFunc(c.order, func(e *entry) bool { return c.byKey[e.key] == nil })
}

// Move takes a record to a position, from 0, without changing it: it may come to
// another page, also while a client reads.
func (c *Collection) Move(id any, to int) {
	c.account.server.mu.Lock()
	defer c.account.server.mu.Unlock()
	e := c.find(id)
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
	ids := make([]any, 0, len(c.order))
	for _, e := range c.order {
		ids = append(ids, valueOf(e.key))
	}
	return ids
}

// Len is how many records there are.
func (c *Collection) Len() int {
	c.account.server.mu.Lock()
	defer c.account.server.mu.Unlock()
	return len(c.order)
}

// put encodes and stores a record.
func (c *Collection) put(r Record, at time.Time) {
	r = maps.Clone(r)
	id, ok := r["id"]
	if !ok {
		panic(fmt.Sprintf("remotetest: %s: record %v has no id", c.name, r))
	}
	r["updated_at"] = at
	c.store(&entry{key: keyOf(id), raw: encode(r), at: at})
}

// store adds an entry or puts it in the place of another. Its id is no longer a
// deleted one.
func (c *Collection) store(e *entry) {
	if e.key == "" || e.key == "null" {
		panic(fmt.Sprintf("remotetest: %s: record %s has no id", c.name, e.raw))
	}
	c.account.server.mu.Lock()
	defer c.account.server.mu.Unlock()
	if old := c.byKey[e.key]; old != nil {
		*old = *e
		return
	}
	c.byKey[e.key] = e
	c.order = append(c.order, e)
	if len(c.deleted) > 0 {
		c.deleted = slices.DeleteFunc(c.deleted, func(d deletion) bool { return d.key == e.key })
	}
}

// find is for callers that hold mu.
func (c *Collection) find(id any) *entry {
	e := c.byKey[keyOf(id)]
	if e == nil {
		panic(fmt.Sprintf("remotetest: %s: no record %s", c.name, keyOf(id)))
	}
	return e
}
