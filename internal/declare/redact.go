package declare

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/redact"
)

// Redaction is what becomes of the values at some paths.
type Redaction struct {
	How   redact.How
	Paths []string
	Key   []byte
}

// leastKey is how long the key of hashes is at least, in bytes.
const leastKey = 16

// redactor returns what redacts objects: by the declaration's own rules, and by those of
// the models whose objects are nested in them.
func (d Declaration) redactor() (*redact.Redactor, error) {
	rules, err := d.rules("")
	if err != nil {
		return nil, fmt.Errorf("redact: %w", err)
	}
	return redact.New(rules), nil
}

// rules returns the rules of a declaration and of those nested in it, below a prefix.
func (d Declaration) rules(prefix string) ([]redact.Rule, error) {
	var rules []redact.Rule
	for _, r := range d.Redact {
		if r.How == redact.Hash && len(r.Key) < leastKey {
			return nil, fmt.Errorf("the key has %d bytes: give %d or more random ones", len(r.Key), leastKey)
		}
		if len(r.Paths) == 0 {
			return nil, errors.New("a redaction names no attribute")
		}
		rule := redact.Rule{How: r.How, Key: r.Key}
		for _, text := range r.Paths {
			if text == "" {
				return nil, errors.New("an attribute has no name: write one")
			}
			path, err := attribute.Parse(prefix + text)
			if err != nil {
				return nil, err
			}
			rule.Paths = append(rule.Paths, path)
		}
		rules = append(rules, rule)
	}
	for _, a := range d.Associations {
		if a.Child == nil {
			continue
		}
		below, err := a.Child.declared.rules(prefix + a.Attribute + ".")
		if err != nil {
			return nil, err
		}
		rules = append(rules, below...)
	}
	return rules, nil
}

// checkRedact finds rules that would take away what rows are known by, or leave a field
// empty that reads what is dropped.
func (p *planned) checkRedact() error {
	for _, r := range p.Redact {
		for _, text := range r.Paths {
			if err := p.checkRedacted(r.How, text); err != nil {
				return fmt.Errorf("redact: %q: %w", text, err)
			}
		}
	}
	return nil
}

func (p *planned) checkRedacted(how redact.How, text string) error {
	if coversAny(text, "", p.plan.IDPaths()) {
		return errors.New("it is the remote id, by which rows are known: leave it")
	}
	for _, parent := range p.BelongsTo {
		if covers(text, parent.Attribute) {
			return errors.New("it is the id of a parent, declared in BelongsTo: leave it")
		}
	}
	for _, a := range p.Associations {
		if a.Child != nil && coversAny(text, a.Attribute+".", a.Child.Model.Plan.IDPaths()) && (how != redact.Drop || !covers(text, a.Attribute)) {
			return fmt.Errorf("it is the remote id of %s, by which rows are known: leave it", a.Child.declared.Table)
		}
		if how == redact.Drop && covers(text, a.Attribute) {
			return fmt.Errorf("it is dropped, and %s are read from it: remove the association, or name what is in it", a.Child.declared.Table)
		}
	}
	if how != redact.Drop {
		return nil
	}
	for _, path := range p.plan.Paths() {
		if covers(text, path.String()) {
			return fmt.Errorf("it is dropped, and a field reads it: remove the field with json:%q, or mask or hash the attribute", path)
		}
	}
	return nil
}

// coversAny reports whether a redaction of one path takes away one of others, below a prefix.
func coversAny(redacted, prefix string, paths []attribute.Path) bool {
	return slices.ContainsFunc(paths, func(p attribute.Path) bool { return covers(redacted, prefix+p.String()) })
}

// covers reports whether a redaction of one path takes away another. A list needs no step.
func covers(redacted, path string) bool {
	from, to := strings.Split(redacted, "."), strings.Split(path, ".")
	equal := func(from []string) bool {
		return len(from) <= len(to) && slices.EqualFunc(from, to[:len(from)], func(a, b string) bool { return a == b || a == "*" })
	}
	return equal(from) || len(from) > 1 && equal(slices.DeleteFunc(slices.Clone(from), func(step string) bool { return step == "*" }))
}
