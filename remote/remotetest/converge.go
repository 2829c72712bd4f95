package remotetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// Converge forgets the faults and the hook, runs sync once more, and fails t
// unless the rows are the collection's records then, see [Collection.Equal].
func Converge(t testing.TB, c *Collection, sync func(context.Context) error, rows func() ([]Record, error), members ...string) bool {
	t.Helper()
	c.account.server.ClearFaults()
	c.account.server.OnRequest(nil)
	if err := sync(t.Context()); err != nil {
		t.Errorf("remotetest: %s: a run without faults: %v", c.name, err)
		return false
	}
	local, err := rows()
	if err != nil {
		t.Errorf("remotetest: %s: local rows: %v", c.name, err)
		return false
	}
	return c.Equal(t, local, members...)
}

// Equal fails t unless the rows are the collection's records, in any order: those
// that are not deleted, and not hidden for good. Rows have the remote's names and
// the id; members are those to compare. They default to all that any row has.
func (c *Collection) Equal(t testing.TB, rows []Record, members ...string) bool {
	t.Helper()
	if diff := c.diff(rows, members); diff != "" {
		t.Errorf("remotetest: %s: local rows are not the remote's:\n%s", c.name, diff)
		return false
	}
	return true
}

// diff says what differs, empty for nothing.
func (c *Collection) diff(rows []Record, members []string) string {
	id := c.config().Style.ID
	if len(members) == 0 {
		for _, r := range rows {
			for name := range r {
				members = append(members, name)
			}
		}
		slices.Sort(members)
		members = slices.Compact(members)
	}
	var missing, additional, twice, different []string
	local := map[string]Record{}
	for _, r := range rows {
		key := keyOf(r[id])
		if local[key] != nil {
			twice = append(twice, key)
		}
		local[key] = r
	}
	for _, e := range c.visible() {
		row := local[e.key]
		delete(local, e.key)
		if row == nil {
			missing = append(missing, e.key)
			continue
		}
		remote := decode(e.raw)
		for _, name := range members {
			if l, r := canonical(row[name]), canonical(remote[name]); l != r {
				different = append(different, fmt.Sprintf("%s: %s: %s here, %s there", e.key, name, l, r))
			}
		}
	}
	for key := range local {
		additional = append(additional, key)
	}
	slices.SortFunc(additional, compareKeys)
	var b strings.Builder
	say(&b, "missing", ", ", missing)
	say(&b, "additional", ", ", additional)
	say(&b, "twice", ", ", twice)
	say(&b, "different", "\n    ", different)
	return b.String()
}

// visible are the records that a client can see.
func (c *Collection) visible() []*entry {
	c.account.server.mu.Lock()
	defer c.account.server.mu.Unlock()
	var list []*entry
	q := c.account.server.quirks
	for _, e := range c.order {
		if !e.gone && (q.ShowHidden != "" || !q.hides(Request{}, e)) {
			kept := *e
			list = append(list, &kept)
		}
	}
	return list
}

// canonical is a value in the one way of writing it, so that 1 and 1.0, and
// a time and its text, are equal.
func canonical(v any) string {
	raw := encode(map[string]any{"v": v})
	return string(encode(decode(jsontext.Value(raw))["v"]))
}

// say writes the first of what was found.
func say(b *strings.Builder, what, separator string, found []string) {
	const most = 20
	if len(found) == 0 {
		return
	}
	fmt.Fprintf(b, "  %d %s: %s", len(found), what, strings.Join(found[:min(most, len(found))], separator))
	if len(found) > most {
		b.WriteString(separator + "…")
	}
	b.WriteByte('\n')
}
