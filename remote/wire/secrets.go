package wire

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/secret"
	"github.com/syncedgo/synced/internal/shown"
)

// redacted stands in errors where a credential was.
const redacted = secret.Redacted

// maxExcerpt is how much of a body an error shows, in bytes.
const maxExcerpt = 200

// secretName matches the names of headers and query values that are not shown.
var secretName = regexp.MustCompile(
	`(?i)token|secret|passw|pwd|api[-_]?key|access[-_]?key|(?:^|\.)key$|authorization|(?:^|\.)auth$|signature|(?:^|\.)sig$|credential|session|(?:^|\.)code$|cookie|jwt`)

// Requests have the same few names again and again: as many are remembered, and none that is
// longer, in bytes.
const (
	mostNames   = 1000
	longestName = 64
)

// names has what is known of names: a string to a bool, and how many there are.
var names struct {
	sync.Map
	count atomic.Int64
}

// looksSecret reports whether a name is one of those that are not shown. To match the names
// of each request again was a tenth of the CPU time of a run in pages of one record.
func looksSecret(name string) bool {
	if known, ok := names.Load(name); ok {
		return known.(bool)
	}
	matches := secretName.MatchString(name)
	if len(name) <= longestName && names.count.Add(1) <= mostNames {
		names.Store(strings.Clone(name), matches)
	}
	return matches
}

// secrets are the credentials that no error may show.
type secrets struct{ secret.Texts }

// isSecret reports whether a parameter is called like a secret, and none that is public.
func isSecret(name string, public []string) bool {
	return looksSecret(name) && !slices.Contains(public, name)
}

// secretsOf are the credentials of a request that can be told by their names.
func secretsOf(req *http.Request, public ...string) secrets {
	var found []string
	for name, values := range req.Header {
		if looksSecret(name) {
			found = append(found, values...)
		}
	}
	for name, values := range req.URL.Query() {
		if isSecret(name, public) {
			found = append(found, values...)
		}
	}
	if password, ok := req.URL.User.Password(); ok {
		found = append(found, password)
	}
	return newSecrets(found)
}

// secretsAdded are those, and all that Auth put on the request, whatever its name: headers,
// and the parameters that are given.
func secretsAdded(before, after *http.Request, added url.Values, public []string) secrets {
	var found []string
	for name, values := range after.Header {
		for _, v := range values {
			if !slices.Contains(before.Header.Values(name), v) {
				found = append(found, v)
			}
		}
	}
	for _, values := range added {
		found = append(found, values...)
	}
	return newSecrets(found).and(secretsOf(after, public...))
}

// secretsSent are those in a body, a JSON text or a form, that can be told by the names
// of what holds them.
func secretsSent(body []byte, public []string) secrets {
	if len(body) == 0 {
		return secrets{}
	}
	var found []string
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true))
	for name := ""; ; {
		token, err := dec.ReadToken()
		if err != nil {
			break
		}
		in, count := dec.StackIndex(dec.StackDepth())
		switch kind := token.Kind(); {
		case in == '{' && count%2 == 1:
			name = token.String()
		case (kind == '"' || kind == '0') && isSecret(name, public):
			found = append(found, token.String())
		}
	}
	if form, err := url.ParseQuery(string(body)); body[0] != '{' && err == nil {
		for name, values := range form {
			if isSecret(name, public) {
				found = append(found, values...)
			}
		}
	}
	return newSecrets(found)
}

// pairsAdded are the parameters of one URL that another does not have.
func pairsAdded(before, after *url.URL) url.Values {
	if before.RawQuery == after.RawQuery {
		return nil
	}
	asked, added := before.Query(), url.Values{}
	for name, values := range after.Query() {
		for _, v := range values {
			if !slices.Contains(asked[name], v) {
				added.Add(name, v)
			}
		}
	}
	return added
}

func newSecrets(values []string) secrets { return secrets{secret.Texts(nil).And(values)} }

// and puts two sets together.
func (s secrets) and(more secrets) secrets { return secrets{s.And(more.Texts)} }

// url writes a URL for an error: without user and fragment, and without query
// values that are secret or look so. The order of the query is kept.
func (s secrets) url(u *url.URL) string { return shownURL(u, s.Finder()) }

// shownURL is a URL without what a finder finds.
func shownURL(u *url.URL, find secret.Finder) string {
	copied := *u
	copied.User, copied.Fragment, copied.RawFragment = nil, "", ""
	query := strings.Split(copied.RawQuery, "&")
	for i, pair := range query {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			continue
		}
		if plain, err := url.QueryUnescape(name); err != nil || looksSecret(plain) {
			value = redacted
		}
		query[i] = name + "=" + find.In(value)
	}
	copied.RawQuery = strings.Join(query, "&")
	return shown.Text(find.Within(copied.String()))
}

// excerpt shows the body around an offset, on one line.
func (s secrets) excerpt(body []byte, offset int64) string {
	const before, after = 60, 4 * maxExcerpt // white space will shrink it
	start := max(0, min(int(offset), len(body))-before)
	if start > 0 && offset < maxExcerpt {
		start = 0
	}
	end := min(len(body), start+before+after)

	// A secret may lie across an edge, so they are looked for in a wider piece.
	const widest = 12 // how much longer its spelling may be
	longest := min(widest*s.Longest(), maxErrorBytes)
	from := max(0, start-longest)
	wide := string(body[from:min(len(body), end+longest)])
	start, end = start-from, end-from
	var b strings.Builder
	at := start
	for _, span := range s.Spans(wide) {
		if span.To <= at || span.From >= end {
			continue
		}
		b.WriteString(wide[at:max(at, span.From)] + redacted)
		at = span.To
	}
	b.WriteString(wide[min(at, end):end])
	text := oneLine(b.String())

	if len(text) <= maxExcerpt && end+from < len(body) {
		text += "…"
	}
	text = shorten(text, maxExcerpt)
	if start+from > 0 {
		text = "…" + text
	}
	return text
}

// shorten cuts a text of valid UTF-8 to n bytes, and says so.
func shorten(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}

// clean makes a text of the remote's fit for an error: one line that shows no
// credential, and no character that does anything.
func (s secrets) clean(text string) string { return oneLine(s.In(text)) }

// sentence does the same with a sentence of ours that has pieces of the remote's.
func (s secrets) sentence(text string) string { return oneLine(s.Within(text)) }

// oneLine writes a text on one line, with one space for any white space.
func oneLine(text string) string { return shown.Text(strings.Join(strings.Fields(text), " ")) }
