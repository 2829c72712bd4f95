package remotetest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const contentType = "application/vnd.api+json; charset=utf-8"

// answer is a response before it is written, so that faults can change it.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// answer makes the page that was asked for, of the data as it is now.
func (a *Account) answer(req Request, r *http.Request) *answer {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	l := a.server.lister()
	l.changes = len(a.history)
	if job := a.server.exports.job(a, req); job != nil {
		return job
	}
	if wrong := l.method(a, req); wrong != nil {
		return wrong
	}
	if wrong := l.strict(req); wrong != "" {
		return problem(http.StatusBadRequest, "invalid", wrong)
	}
	q, _, wrong := l.question(req)
	if wrong != "" {
		return problem(http.StatusUnprocessableEntity, "invalid", wrong)
	}
	if l.quirks.IgnoresPage {
		q.place = place{}
	}
	if start := l.config.Events.Start; start != "" && req.Collection == start {
		return &answer{status: http.StatusOK, header: http.Header{"Content-Type": {contentType}}, body: l.startOf(a, req)}
	}
	if wrong := l.config.Positions.refuse(req); wrong != nil {
		return wrong
	}
	list, found := l.list(req, a, q)
	if !found {
		if one := a.one(req); one != nil {
			return one
		}
	}
	if !found || !strings.HasPrefix(req.Path, prefix+"/") {
		return problem(http.StatusNotFound, "not_found", "there is: "+strings.Join(sortedNames(a.collections), ", "))
	}
	if keep := l.config.Since.Retention; keep > 0 && q.asked && q.since.Before(req.At.Add(-keep)) {
		return problem(http.StatusGone, "gone", "changes are kept for "+keep.String())
	}
	if wrong := l.config.Since.refuses(q); wrong != "" {
		return problem(http.StatusBadRequest, "invalid", wrong)
	}
	c := a.collections[req.Collection]
	p := l.page(req, c, list, q)
	if l.quirks.PastEnd != 0 && p.past {
		return problem(l.quirks.PastEnd, "past_end", fmt.Sprintf("there are %d pages", p.pages))
	}

	if l.quirks.EmptyStatus != 0 && len(p.records) == 0 {
		return &answer{status: l.quirks.EmptyStatus, header: http.Header{}}
	}

	if l.config.Export != nil {
		return a.server.exports.start(a, req, p.records)
	}
	self := &url.URL{Scheme: "http", Host: r.Host, Path: req.Path, RawQuery: r.URL.RawQuery}
	around := envelope{config: l.config, quirks: l.quirks, self: self}
	full := &answer{status: http.StatusOK, header: http.Header{}, body: around.body(p, req.Collection, l.fields(req))}
	full.header.Set("Content-Type", cmp.Or(l.quirks.ContentType, contentType))
	if format := l.config.Style.Format; format != AsJSON {
		full.body = format.write(p.records, l.config.Style.ID)
		full.header.Set("Content-Type", cmp.Or(l.quirks.ContentType, format.label()))
	}
	l.config.Style.pack(full)
	around.header(full.header, p)
	around.part(full, p)
	if name := l.config.Style.SyncedAtHeader; name != None && !l.quirks.NoSyncedAt {
		full.header.Set(name, req.At.Format("2006-01-02 15:04:05 UTC"))
	}
	if c != nil {
		l.quirks.validate(full, c, req)
	}
	return full
}

// method refuses a request by another method than the API's: one record is a GET.
func (l lister) method(a *Account, req Request) *answer {
	want := http.MethodGet
	if l.config.Style.Body != InQuery && a.one(req) == nil {
		want = http.MethodPost
	}
	if req.Method == want {
		return nil
	}
	return problem(http.StatusMethodNotAllowed, "method_not_allowed", "only "+want)
}

// strict returns what is wrong with the parameters of a request.
func (l lister) strict(req Request) string {
	style, since := l.config.Style, l.config.Since
	if (style.Body == InJSON || style.Body == InGraphQL) && req.sent.texts[style.Size] {
		return style.Size + " is no number"
	}
	if req.sent.wrong != "" || !l.quirks.Strict {
		return req.sent.wrong
	}
	known := []string{style.Param, style.Size, since.Param, since.Until, l.config.Auth.Query, l.config.Positions.Param}
	if req.Collection == l.config.Events.Endpoint {
		known = append(known, l.config.Events.Since.Param, l.config.Events.Types)
	}
	for _, name := range slices.Sorted(maps.Keys(req.Query)) {
		if !slices.Contains(known, name) && !slices.Contains(l.quirks.Known, name) {
			return "unknown parameter: " + name
		}
	}
	return ""
}

// one answers a request for one record, /rentals/7, in BookingSync's style with the
// envelope of a list. It returns nil for any other request.
func (a *Account) one(req Request) *answer {
	at := strings.LastIndexByte(req.Collection, '/')
	if at < 0 || a.collections[req.Collection[:at]] == nil {
		return nil
	}
	c := a.collections[req.Collection[:at]]
	id := req.Collection[at+1:]
	for _, key := range []string{id, keyOf(id)} { // a number, or a string
		if e := c.byKey[key]; e != nil {
			body := []byte(e.raw)
			if a.server.config.Style.Records == "" {
				body = fmt.Appendf(nil, `{%q:[%s],"links":{},"meta":{}}`, c.name[strings.LastIndexByte(c.name, '/')+1:], e.raw)
			}
			return &answer{status: http.StatusOK, header: http.Header{"Content-Type": {contentType}}, body: body}
		}
		if slices.ContainsFunc(c.deleted, func(e *entry) bool { return e.key == key }) {
			return problem(a.server.config.Deletions.Status, "not_found", "the record was deleted")
		}
	}
	return problem(http.StatusNotFound, "not_found", "there is no such record")
}

// problem returns an answer that says what is wrong, as BookingSync does.
func problem(status int, code, title string) *answer {
	h := http.Header{"Content-Type": {contentType}}
	body := encode(map[string]any{"errors": []any{map[string]any{"code": code, "title": title}}})
	return &answer{status: status, header: h, body: body}
}

// sortedNames lists the collections of an account, for an error.
func sortedNames(collections map[string]*Collection) []string {
	return slices.Sorted(maps.Keys(collections))
}
