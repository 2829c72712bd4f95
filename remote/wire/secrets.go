package wire

import (
	"bytes"
	"encoding/base64"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// redacted stands in errors where a credential was.
	redacted = "[redacted]"
	// maxExcerpt is how much of a body an error shows, in bytes.
	maxExcerpt = 200
)

// secretName matches the names of headers and query values that are not shown.
var secretName = regexp.MustCompile(
	`(?i)token|secret|passw|pwd|api[-_]?key|access[-_]?key|^key$|authorization|^auth$|signature|^sig$|credential|session|^code$|cookie|jwt`)

// secrets are the texts that no error may show, the longest first, each in the
// spellings that a remote may answer with.
type secrets []string

// secretsOf are the credentials of a request that can be told by their names.
func secretsOf(req *http.Request) secrets {
	var found []string
	for name, values := range req.Header {
		if secretName.MatchString(name) {
			found = append(found, values...)
		}
	}
	for name, values := range req.URL.Query() {
		if secretName.MatchString(name) {
			found = append(found, values...)
		}
	}
	if password, ok := req.URL.User.Password(); ok {
		found = append(found, password)
	}
	return newSecrets(found)
}

// secretsAdded are those, and all that Auth put on the request, whatever its name.
func secretsAdded(before, after *http.Request) secrets {
	var found []string
	for name, values := range after.Header {
		for _, v := range values {
			if !slices.Contains(before.Header.Values(name), v) {
				found = append(found, v)
			}
		}
	}
	for _, values := range pairsAdded(before.URL, after.URL) {
		found = append(found, values...)
	}
	return newSecrets(append(found, secretsOf(after)...))
}

// pairsAdded are the parameters of one URL that another does not have.
func pairsAdded(before, after *url.URL) url.Values {
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

// newSecrets adds the parts of each value and the ways it may be written.
func newSecrets(values []string) secrets {
	var s secrets
	for _, v := range values {
		parts := []string{v}
		if scheme, rest, ok := strings.Cut(v, " "); ok {
			parts = append(parts, rest)
			if plain, err := base64.StdEncoding.DecodeString(rest); err == nil && strings.EqualFold(scheme, "Basic") {
				_, password, _ := strings.Cut(string(plain), ":")
				parts = append(parts, string(plain), password)
			}
		}
		for _, p := range parts {
			s = append(s, p, url.QueryEscape(p), url.PathEscape(p), html.EscapeString(p),
				strings.ReplaceAll(p, "/", `\/`), strings.ReplaceAll(p, `"`, `\"`))
		}
	}
	return slices.DeleteFunc(s.and(nil), func(v string) bool { return v == "" })
}

// and puts two sets together.
func (s secrets) and(more secrets) secrets {
	all := slices.Concat(s, more)
	slices.SortFunc(all, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(all)
}

// redact replaces the secrets in a text.
func (s secrets) redact(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, redacted)
	}
	return text
}

// url writes a URL for an error: without user and fragment, and without query
// values that are secret or look so. The order of the query is kept.
func (s secrets) url(u *url.URL) string {
	shown := *u
	shown.User, shown.Fragment, shown.RawFragment = nil, "", ""
	query := strings.Split(shown.RawQuery, "&")
	for i, pair := range query {
		name, _, ok := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); ok && (err != nil || secretName.MatchString(plain)) {
			query[i] = name + "=" + redacted
		}
	}
	shown.RawQuery = strings.Join(query, "&")
	return s.redact(shown.String())
}

// excerpt shows the body around an offset, on one line.
func (s secrets) excerpt(body []byte, offset int64) string {
	const before, after = 60, 4 * maxExcerpt // white space will shrink it
	start := max(0, min(int(offset), len(body))-before)
	if start > 0 && offset < maxExcerpt {
		start = 0
	}
	end := min(len(body), start+before+after)

	// A secret may lie across an edge, so they are blanked in a wider piece first.
	longest := 0
	if len(s) > 0 {
		longest = len(s[0])
	}
	from := max(0, start-longest)
	wide := bytes.ReplaceAll(body[from:min(len(body), end+longest)], []byte{0}, []byte{1})
	for _, secret := range s {
		wide = bytes.ReplaceAll(wide, []byte(secret), make([]byte, len(secret)))
	}
	text := s.clean(string(blanks.ReplaceAll(wide[start-from:end-from], []byte(redacted))))

	if len(text) <= maxExcerpt && end < len(body) {
		text += "…"
	}
	text = shorten(text, maxExcerpt)
	if start > 0 {
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

// blanks are the bytes of a secret that was blanked.
var blanks = regexp.MustCompile(`\x00+`)

// clean makes any text fit for an error: one line of valid UTF-8, no control
// characters, no secrets.
func (s secrets) clean(text string) string {
	text = strings.ToValidUTF8(s.redact(text), "")
	text = strings.Join(strings.Fields(text), " ")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	return s.redact(text) // what the control characters kept apart
}
