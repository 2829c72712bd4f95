// Package redact takes personal data out of a remote's objects before anything else
// sees them: members are dropped, masked or hashed.
package redact

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/remote"
)

// How is what becomes of a value.
type How int

// The ways, the weakest first: where several are declared for a value, the strongest
// counts.
const (
	keep How = iota
	Hash
	Mask
	Drop
)

// every is the step of a path that stands for every member or item.
const every = "*"

// Rule is what becomes of the values at some paths.
type Rule struct {
	How   How
	Paths []attribute.Path
	Key   []byte // of hashes
}

// Redactor applies rules. It is safe for concurrent use.
type Redactor struct {
	root node
	// names are those that each object must have one of for a rule to concern it; nil
	// where that is not known.
	names [][]byte
	rules []Rule
}

// node is a step of paths.
type node struct {
	below map[string]*node
	how   How
	key   []byte
}

// New returns a redactor of some rules, nil of none.
func New(rules []Rule) *Redactor {
	if len(rules) == 0 {
		return nil
	}
	r, known := &Redactor{rules: rules}, true
	for _, rule := range rules {
		for _, path := range rule.Paths {
			last := ""
			for _, way := range path.Names() {
				last = r.root.add(way, rule)
			}
			// The way that comes last has the shortest names.
			known = known && last != every && !strings.ContainsAny(last, `"\/`)
			r.names = append(r.names, []byte(last))
		}
	}
	if !known {
		r.names = nil
	}
	return r
}

// add adds a way, and returns its last name.
func (n *node) add(way []string, rule Rule) string {
	for _, name := range way {
		if n.below == nil {
			n.below = map[string]*node{}
		}
		if n.below[name] == nil {
			n.below[name] = &node{}
		}
		n = n.below[name]
	}
	if rule.How > n.how {
		n.how, n.key = rule.How, rule.Key
	}
	return way[len(way)-1]
}

// Object returns an object without what the rules take out of it: the same one where
// that is nothing.
func (r *Redactor) Object(o remote.Object) remote.Object { return r.object(o, false) }

// Kept returns an object that was stored without what the rules take out of it. Some of them
// may have been declared since. What looks like a hash stays as it is.
func (r *Redactor) Kept(o remote.Object) remote.Object {
	if r == nil {
		return o
	}
	return r.object(o, true)
}

// Digest tells redactors apart; "" is that of nil.
func (r *Redactor) Digest() string {
	if r == nil {
		return ""
	}
	var lines []string
	for _, rule := range r.rules {
		for _, path := range rule.Paths {
			lines = append(lines, fmt.Sprintf("%d %q %x", rule.How, path.Names(), sha256.Sum256(rule.Key)))
		}
	}
	slices.Sort(lines) // the order of the rules changes nothing
	return "redacted\n" + strings.Join(lines, "\n")
}

// Hashes reports whether a rule hashes.
func (r *Redactor) Hashes() bool {
	return r != nil && slices.ContainsFunc(r.rules, func(rule Rule) bool { return rule.How == Hash })
}

func (r *Redactor) object(o remote.Object, kept bool) remote.Object {
	raw := o.Raw()
	if !r.concerns(raw) {
		return o
	}
	w := writer{in: raw, out: make([]byte, 0, len(raw)+64), kept: kept}
	if !w.value([]*node{&r.root}, keep, nil) {
		return remote.InvalidObject([]byte("{}")) // of which it is not known what is in it
	}
	switch {
	case !w.changed:
		return o
	case o.Err() != nil:
		return remote.InvalidObject(w.out)
	default:
		return remote.UncheckedObject(w.out)
	}
}

// concerns reports whether a rule may concern an object. A name may be spelled with
// escapes.
func (r *Redactor) concerns(raw []byte) bool {
	if r.names == nil || bytes.Contains(raw, []byte(`\u`)) {
		return true
	}
	for _, name := range r.names {
		if bytes.Contains(raw, name) {
			return true
		}
	}
	return false
}

// Objects returns objects without what the rules take out of them.
func (r *Redactor) Objects(list []remote.Object) []remote.Object {
	if r == nil || list == nil {
		return list
	}
	redacted := make([]remote.Object, len(list))
	for i, o := range list {
		redacted[i] = r.Object(o)
	}
	return redacted
}
