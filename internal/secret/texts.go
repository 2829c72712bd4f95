// Package secret keeps credentials out of what a person reads, however a remote spells
// them when it repeats them.
package secret

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode"
)

// Redacted stands where a credential was.
const Redacted = "[redacted]"

// Texts are the values that no error, log or table of ours may show.
type Texts []string

// And puts two sets together.
func (t Texts) And(more Texts) Texts {
	all := slices.Clip(t)
	for _, v := range more {
		if v != "" && !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// Longest returns the length of the longest one, in bytes.
func (t Texts) Longest() int {
	longest := 0
	for _, v := range t {
		longest = max(longest, len(v))
	}
	return longest
}

// In redacts a text that is all the remote's: a body, an id, a header.
func (t Texts) In(text string) string { return cut(text, t.spans(text, anywhere)) }

// Within redacts a sentence of ours that has pieces of the remote's. A credential that
// could be a word of the sentence counts only where the sentence quotes, and one of a
// few letters nowhere.
func (t Texts) Within(sentence string) string {
	return cut(sentence, t.spans(sentence, quoted(sentence)))
}

// Spans returns where credentials are in a text of the remote's, in order and apart.
func (t Texts) Spans(text string) []Span { return t.spans(text, anywhere) }

// Span is a part of a text, by its bytes.
type Span struct{ From, To int }

// anywhere takes each place in a text for the remote's.
func anywhere(needle, Span) bool { return true }

// quoted returns what takes a place for the remote's in a sentence: any, of a
// credential that is no word, and else one in quotes.
func quoted(sentence string) func(needle, Span) bool {
	quotes := quotesOf(sentence)
	return func(n needle, at Span) bool {
		return !n.word || n.size >= fewLetters && slices.ContainsFunc(quotes, func(q Span) bool { return q.From <= at.From && at.To <= q.To })
	}
}

// quotesOf finds what stands in double quotes.
func quotesOf(text string) []Span {
	var quotes []Span
	start := -1
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && start >= 0:
			i++
		case text[i] != '"':
		case start < 0:
			start = i
		default:
			quotes = append(quotes, Span{start, i + 1})
			start = -1
		}
	}
	if start >= 0 { // it was cut
		quotes = append(quotes, Span{start, len(text)})
	}
	return quotes
}

// spans finds the credentials of a text that a place is right for.
func (t Texts) spans(text string, right func(needle, Span) bool) []Span {
	if len(t) == 0 || text == "" {
		return nil
	}
	return t.Finder().spans(text, right)
}

// Finder is [Texts] for several texts, one after the other: it finds out once what to look
// for.
type Finder struct{ needles []needle }

// Finder returns what finds the values in several texts.
func (t Texts) Finder() Finder { return Finder{t.needles()} }

// In redacts a text that is all the remote's.
func (f Finder) In(text string) string { return cut(text, f.spans(text, anywhere)) }

// Within redacts a sentence of ours that has pieces of the remote's, as that of [Texts] does.
func (f Finder) Within(sentence string) string {
	return cut(sentence, f.spans(sentence, quoted(sentence)))
}

func (f Finder) spans(text string, right func(needle, Span) bool) []Span {
	if len(f.needles) == 0 || text == "" {
		return nil
	}
	var found []Span
	for _, spelled := range spellings(text) {
		for _, n := range f.needles {
			note := func(at Span) {
				if right(n, at) {
					found = append(found, at)
				}
			}
			spelled.each(n, note)
			spelled.cut(n, note)
		}
	}
	slices.SortFunc(found, func(a, b Span) int { return a.From - b.From })
	apart := found[:0]
	for _, s := range found {
		if last := len(apart) - 1; last >= 0 && s.From <= apart[last].To {
			apart[last].To = max(apart[last].To, s.To)
			continue
		}
		apart = append(apart, s)
	}
	return apart
}

// cut replaces parts of a text.
func cut(text string, spans []Span) string {
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	end := 0
	for _, s := range spans {
		b.WriteString(text[end:s.From] + Redacted)
		end = s.To
	}
	return b.String() + text[end:]
}

// parts are a value of a header or a query, and those pieces of it that are secret by
// themselves: what follows the scheme, the password of Basic, the values of pairs.
func parts(v string) []string {
	list := []string{v}
	if scheme, rest, ok := strings.Cut(v, " "); ok {
		list = append(list, rest)
		if plain, err := base64.StdEncoding.DecodeString(rest); err == nil && strings.EqualFold(scheme, "Basic") {
			user, password, _ := strings.Cut(string(plain), ":")
			list = append(list, string(plain), password)
			if password == "" {
				list = append(list, user) // the key of an API
			}
		}
	}
	for _, piece := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(" ,;", r) }) {
		_, value, _ := strings.Cut(piece, "=")
		for _, p := range []string{piece, strings.Trim(value, `"`)} {
			if !isWord(p) {
				list = append(list, p)
			}
		}
	}
	return list
}

const (
	// fewLetters is how long a word is that counts in quotes.
	fewLetters = 4
	// mostLetters and mostDigits are how long words and numbers of ours may be.
	mostLetters, mostDigits = 19, 7
)

// isWord reports whether a text could be a word or a number in a sentence of ours.
func isWord(s string) bool {
	letters, digits, others := 0, 0, 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r), strings.ContainsRune(" -_./:", r):
			letters++
		case unicode.IsDigit(r):
			digits++
		default:
			others++
		}
	}
	switch {
	case letters+digits+others <= fewLetters:
		return true
	case others > 0 || letters > 0 && digits > 0:
		return false
	}
	return letters <= mostLetters && digits <= mostDigits
}
