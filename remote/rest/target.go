package rest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/syncedgo/synced/remote/wire"
)

// target is a list's URL, taken apart.
type target struct {
	base, endpoint string
	query          url.Values // what the list is asked with, and may be shown
	hidden         url.Values // what may be a secret
	asked          *url.URL   // what may be shown of the query as it was
	since          Since      // how it asks for changes, where it does
}

var (
	// version matches a part of a path that is the version of an API.
	version = regexp.MustCompile(`^(?i:v?\d+(\.\d+)*|v\d+\w*|\d{4}-\d{2}(-\d{2})?|api|rest)$`)
	numeral = regexp.MustCompile(`^\d+$`)
	// harmless matches the value of a parameter that is no secret: a few words, or a small number.
	harmless = regexp.MustCompile(`^(?:[-+]?[a-z]+(?:[ _,.:-][a-z]+)*|[A-Z][a-z]+|-?\d{1,6}|\*)$`)
	// secretParam matches the names of parameters that are credentials.
	secretParam = regexp.MustCompile(`(?i)token|secret|passw|pwd|key|auth|sig|credential|session|code|jwt|user|login|client|(?:^|_)(?:pin|sid|otp|hash|nonce|pass|sas)(?:$|_)`)
)

// errTarget is what the URL of a list is to be.
const errTarget = "want the URL of a list, https://host/path"

// newTarget takes a list's URL apart. Its errors do not show it.
func newTarget(raw string) (*target, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("the URL can't be read: " + errTarget)
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", strings.Trim(u.Path, "/") == "":
		return nil, errors.New(errTarget)
	case u.User != nil:
		return nil, errors.New("the URL has a user name: give it, and the password, by wire.Basic")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("the query of the URL can't be read: " + errTarget)
	}
	t := &target{query: url.Values{}, hidden: url.Values{}}
	parts := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	cut := 0
	for i, part := range parts[:len(parts)-1] {
		id := i > cut && numeral.MatchString(part) // of a parent: issues/7/comments
		if !id && version.MatchString(part) || isToken(part) {
			cut = i + 1
		}
	}
	t.base = strings.TrimSuffix(u.Scheme+"://"+u.Host+"/"+strings.Join(parts[:cut], "/"), "/")
	t.endpoint = strings.Join(parts[cut:], "/")
	if strings.HasSuffix(u.Path, "/") {
		t.endpoint += "/"
	}
	t.sort(query)
	return t, nil
}

// sort finds out what each parameter is for. Those that choose a page are left out of the
// list's own: its first page is asked for.
func (t *target) sort(query url.Values) {
	asked := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		values := query[name]
		shy := secretParam.MatchString(name) || slices.ContainsFunc(values, func(v string) bool { return v != "" && (len(v) > 60 || !harmless.MatchString(v)) })
		chooses := slices.Contains(pageParams, name) || slices.Contains(offsetParams, name)
		switch {
		case t.isSince(name, values[0]):
			t.query[name] = values
		case slices.Contains(cursorParams, name), chooses && shy:
		case chooses:
			asked[name] = values
		case shy:
			t.hidden[name] = values
		default:
			t.query[name], asked[name] = values, values
		}
	}
	t.asked = &url.URL{RawQuery: asked.Encode()}
}

// isSince reports whether a parameter asks for what changed since a time, and takes note
// of how that is written.
func (t *target) isSince(name, value string) bool {
	plain := plainName(name)
	named := strings.Contains(plain, "since") || strings.Contains(plain, "updated") || strings.Contains(plain, "modified")
	if !named && !strings.HasSuffix(plain, "after") || strings.Contains(plain, "created") || t.since.Param != "" || secretParam.MatchString(name) {
		return false
	}
	since := Since{Param: name, Exclusive: true}
	if named && value == "" {
		t.since = since
		return true
	}
	for _, layout := range layouts {
		if _, err := time.Parse(layout, value); err == nil {
			since.Format = unless(layout, time.RFC3339)
			t.since = since
			return since.validate() == nil
		}
	}
	n, err := strconv.ParseInt(value, 10, 64)
	switch {
	case err != nil || !named || n < moments[0].from:
		return false
	case n < moments[1].from:
		since.Format = Unix
	default:
		since.Format = UnixMilli
	}
	t.since = since
	return true
}

// queryAuth puts what may be a secret of a query on a request, as credentials are, so
// that no error shows it.
type queryAuth struct {
	query url.Values
	wire.Auth
}

// Authorize adds the query to what else there is.
func (a queryAuth) Authorize(req *http.Request) error {
	if req.URL.RawQuery != "" {
		req.URL.RawQuery += "&"
	}
	req.URL.RawQuery += a.query.Encode()
	if a.Auth == nil {
		return nil
	}
	return a.Auth.Authorize(req)
}

// String hides the query from a print.
func (a queryAuth) String() string   { return "hidden" }
func (a queryAuth) GoString() string { return a.String() }

// auth is what puts the credentials on, and what is hidden.
func (t *target) auth(auth wire.Auth) wire.Auth {
	if len(t.hidden) == 0 {
		return auth
	}
	hiding := queryAuth{t.hidden, auth}
	if r, ok := auth.(wire.Renewer); ok {
		return struct {
			queryAuth
			renewer
		}{hiding, renewer{r}}
	}
	return hiding
}

// renewer is the part of an Auth that renews.
type renewer struct{ of wire.Renewer }

func (r renewer) Renew(refused *http.Request) error { return r.of.Renew(refused) }

// list is the name of the list: the last part of the endpoint, without .json.
func (t *target) list() string { return pathTo("", t.endpoint) }

// isToken reports whether a part of a path looks like a token, such as a bot's. It is then
// left to the base URL, which no code has.
func isToken(part string) bool {
	digits, letters := 0, 0
	for _, r := range part {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			letters++
		}
	}
	return len(part) >= 20 && digits >= 3 && letters >= 3
}

// shownBase is the base URL for a person. A part of its path that looks like a token is not shown.
func (t *target) shownBase() string {
	parts := strings.Split(t.base, "/")
	for i, part := range parts[min(3, len(parts)):] {
		if isToken(part) {
			parts[i+3] = "…"
		}
	}
	return strings.Join(parts, "/")
}

// hiddenNames tells of what is hidden.
func (t *target) hiddenNames() string {
	return quotedNames(t.hidden, func(v string) bool { return !isTime(v) })
}

// times tells of the parameters that are hidden and have a time, such as the ends of a
// span. Only the API's documentation says of what.
func (t *target) times() string { return quotedNames(t.hidden, isTime) }

func quotedNames(query url.Values, chosen func(value string) bool) string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if chosen(query.Get(name)) {
			names = append(names, fmt.Sprintf("%q", name))
		}
	}
	return strings.Join(names, ", ")
}

// isTime reports whether a text is a time, as APIs write it.
func isTime(text string) bool {
	return slices.ContainsFunc(layouts, func(layout string) bool {
		_, err := time.Parse(layout, text)
		return err == nil
	})
}
