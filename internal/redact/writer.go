package redact

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/scan"
)

// masked stands for a text.
const masked = `"***"`

// writer copies JSON, but for what rules say. It goes by quotes and brackets alone, so
// that an object which is not valid is redacted, too.
type writer struct {
	in, out []byte
	at      int
	changed bool
	// kept reports whether the object was stored, so that it may have hashes.
	kept bool
}

func (w *writer) space() {
	for w.at < len(w.in) && (w.in[w.at] == ' ' || w.in[w.at] == '\n' || w.in[w.at] == '\t' || w.in[w.at] == '\r') {
		w.at++
	}
}

// value copies the value that comes next, as the rules that lead to it say. It is false
// where none is found.
func (w *writer) value(rules []*node, how How, key []byte) bool {
	for _, n := range rules {
		if n.how > how {
			how, key = n.how, n.key
		}
	}
	if w.space(); w.at >= len(w.in) {
		return false
	}
	switch c := w.in[w.at]; {
	case how == keep && !leads(rules):
		from, ok := w.at, true
		if end := scan.Value(w.in, w.at); end != scan.None && (end == len(w.in) || ends(w.in[end])) {
			w.at = end
		} else {
			ok = w.skip()
		}
		w.out = append(w.out, w.in[from:w.at]...)
		return ok
	case c == '{':
		return w.object(rules, how, key)
	case c == '[':
		return w.list(rules, how, key)
	}
	from := w.at
	if !w.skip() {
		return false
	}
	w.scalar(w.in[from:w.at], how, key)
	return true
}

// scalar writes a value that is no object and no list.
func (w *writer) scalar(v []byte, how How, key []byte) {
	text := v[0] == '"'
	switch {
	case how == keep || string(v) == "null", how == Hash && w.kept && isHash(v):
		w.out = append(w.out, v...)
		return
	case how == Hash:
		mac := hmac.New(sha256.New, key)
		if plain, err := jsontext.AppendUnquote(nil, v); text && err == nil {
			v = plain
		}
		mac.Write(v)
		w.out = append(w.out, '"')
		w.out = hex.AppendEncode(w.out, mac.Sum(nil))
		w.out = append(w.out, '"')
	case text:
		w.out = append(w.out, masked...)
	default:
		w.out = append(w.out, "null"...)
	}
	w.changed = true
}

// isHash reports whether a value looks like what Hash writes.
func isHash(v []byte) bool {
	if len(v) != 2*sha256.Size+2 || v[0] != '"' {
		return false
	}
	_, err := hex.DecodeString(string(v[1 : len(v)-1]))
	return err == nil
}

// list copies a list. The rules for what is in it are those of each item, and of "*".
func (w *writer) list(rules []*node, how How, key []byte) bool {
	below := append(step(rules, []byte(every)), rules...)
	return w.items('[', ']', func() bool {
		if drops(below) {
			w.changed = true
			return w.skip()
		}
		return w.value(below, how, key)
	})
}

// drops reports whether a rule drops the value that it leads to.
func drops(rules []*node) bool {
	return slices.ContainsFunc(rules, func(n *node) bool { return n.how == Drop })
}

// leads reports whether rules lead on into a value.
func leads(rules []*node) bool {
	return slices.ContainsFunc(rules, func(n *node) bool { return len(n.below) > 0 })
}

// object copies an object, but for members that are dropped.
func (w *writer) object(rules []*node, how How, key []byte) bool {
	return w.items('{', '}', func() bool {
		from := w.at
		if w.in[from] != '"' || !w.skip() {
			return false
		}
		written := w.in[from:w.at]
		name := written[1 : len(written)-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			if plain, err := jsontext.AppendUnquote(nil, written); err == nil {
				name = plain
			}
		}
		if w.space(); w.at >= len(w.in) || w.in[w.at] != ':' {
			return false
		}
		w.at++
		below := append(step(rules, name), step(rules, []byte(every))...)
		if drops(below) {
			w.space()
			w.changed = true
			return w.skip()
		}
		w.out = append(append(w.out, written...), ':')
		return w.value(below, how, key)
	})
}

// step returns the rules that lead on by a name.
func step(rules []*node, name []byte) (below []*node) {
	for _, n := range rules {
		if next := n.below[string(name)]; next != nil {
			below = append(below, next)
		}
	}
	return below
}

// items copies what is between brackets, with commas between what each writes.
func (w *writer) items(open, end byte, each func() bool) bool {
	w.at++
	w.out = append(w.out, open)
	for first := true; ; {
		if w.space(); w.at >= len(w.in) {
			return false
		}
		switch w.in[w.at] {
		case end:
			w.at++
			w.out = append(w.out, end)
			return true
		case ',':
			w.at++
			continue
		}
		before := len(w.out)
		if !first {
			w.out = append(w.out, ',')
		}
		written, from := len(w.out), w.at
		if !each() || w.at == from {
			return false
		}
		if len(w.out) == written {
			w.out = w.out[:before]
		} else {
			first = false
		}
	}
}

// skip goes past the value that comes next. It is false where it has no end.
func (w *writer) skip() bool {
	depth := 0
	for w.at < len(w.in) {
		switch c := w.in[w.at]; c {
		case '"':
			if !w.text() {
				return false
			}
		case '{', '[':
			depth++
			w.at++
		case '}', ']':
			depth--
			w.at++
		case ',', ':', ' ', '\n', '\t', '\r':
			w.at++
			continue // between values of what is skipped
		default:
			for w.at < len(w.in) && !ends(w.in[w.at]) {
				w.at++
			}
		}
		if depth <= 0 {
			return depth == 0
		}
	}
	return false
}

// ends reports whether a number or a word ends before a byte.
func ends(c byte) bool {
	switch c {
	case ',', ':', '}', ']', '"', '{', '[', ' ', '\n', '\t', '\r':
		return true
	default:
		return false
	}
}

// text goes past a text.
func (w *writer) text() bool {
	for w.at++; w.at < len(w.in); w.at++ {
		switch w.in[w.at] {
		case '\\':
			w.at++
		case '"':
			w.at++
			return true
		}
	}
	return false
}
