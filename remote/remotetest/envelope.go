package remotetest

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// envelope is what is around the records of a page: the body, and the headers that
// lead to other pages.
type envelope struct {
	config *Config
	quirks Quirks
	self   *url.URL // of the page
}

// body writes a page of a collection, with the named fields of its records only, or
// all where none is named.
func (n envelope) body(p page, name string, fields map[string]bool) []byte {
	style := n.config.Style.of(name)
	var list bytes.Buffer
	list.WriteByte('[')
	for i, e := range p.records {
		if i > 0 {
			list.WriteByte(',')
		}
		record := []byte(e.raw)
		if len(fields) > 0 {
			record = pick(e.raw, style.ID, fields)
		}
		if style.Record == "" {
			list.Write(record)
			continue
		}
		var item document
		item.set(style.Record, record)
		item.write(&list)
	}
	list.WriteByte(']')
	if n.quirks.NullEmpty && len(p.records) == 0 {
		list.Reset()
		list.WriteString("null")
	}
	if style.Records == Root {
		return list.Bytes()
	}

	var d document
	switch omitted := n.quirks.OmitsEmpty && len(p.records) == 0; {
	case style.Records == "":
		if !omitted {
			d.add(name[strings.LastIndexByte(name, '/')+1:], list.Bytes())
		}
		d.object("links")
		d.object("meta")
	case !omitted:
		d.set(style.Records, list.Bytes())
	}
	if p.deleted != nil {
		d.set(n.config.Deletions.IDs, []byte("["+strings.Join(p.deleted, ",")+"]"))
	}
	next, param := []byte("null"), []byte("null")
	if p.more {
		next = encode(n.to(p.next))
	}
	if p.more || style.By == BySequence {
		param = encode(p.next)
		if !style.keyset() && style.By != ByCursor {
			param = []byte(p.next)
		}
	}
	if p.more || !style.Omitted {
		d.set(style.NextURL, next)
	}
	if p.more || !style.Omitted || style.By == BySequence {
		d.set(style.NextParam, param)
	}
	if p.stands != "" {
		d.set(n.config.Positions.Path, encode(n.position(p.stands)))
	}
	d.set(n.quirks.Incomplete, []byte("true"))
	d.set(style.End, strconv.AppendBool(nil, !p.more))
	d.set(style.HasMore, strconv.AppendBool(nil, p.more))
	d.set(style.Pending, strconv.AppendInt(nil, int64(p.pending), 10))
	if !n.quirks.NoTotal {
		d.set(style.Total, strconv.AppendInt(nil, int64(p.total), 10))
		d.set(style.Pages, strconv.AppendInt(nil, int64(p.pages), 10))
	}
	var b bytes.Buffer
	d.write(&b)
	return b.Bytes()
}

// part makes an answer 206 that is not the whole list, with the range that it is.
func (n envelope) part(a *answer, p page) {
	if !n.quirks.Partial {
		return
	}
	at := "*"
	if len(p.records) > 0 {
		at = fmt.Sprintf("%d-%d", p.start, p.start+len(p.records)-1)
	}
	a.header.Set("Content-Range", fmt.Sprintf("%s/%d", at, p.total))
	if len(p.records) > 0 && len(p.records) < p.total {
		a.status = http.StatusPartialContent
	}
}

// header writes where in the list the page is.
func (n envelope) header(h http.Header, p page) {
	style := n.config.Style
	if !style.NoLink {
		h.Set("Link", n.links(p))
		if n.quirks.EmptyLink && !p.more {
			h.Set("Link", "")
		}
	}
	if style.NextHeader != "" && (p.more || style.By == BySequence) {
		h.Set(style.NextHeader, p.next)
	}
	set := func(name string, count int, leave bool) {
		if name != None && !leave {
			h.Set(name, strconv.Itoa(count))
		}
	}
	set(style.PerPageHeader, p.perPage, n.quirks.NoPerPage)
	set(style.TotalHeader, p.total, n.quirks.NoTotal)
	set(style.PagesHeader, p.pages, n.quirks.NoTotal)
}

// links is the Link header: all relations where pages have numbers, else what is
// next.
func (n envelope) links(p page) string {
	var links []string
	to := func(rel, param string) {
		links = append(links, fmt.Sprintf(`<%s>; rel="%s"`, n.to(param), rel))
	}
	numbered, first := n.config.Style.By == ByPage, n.config.Style.first()
	if numbered {
		to("first", strconv.Itoa(first))
	}
	if numbered && p.number > 1 {
		to("prev", strconv.Itoa(min(p.number-1, p.pages)-1+first))
	}
	if p.more {
		to("next", p.next)
	}
	if numbered {
		to("last", strconv.Itoa(p.pages-1+first))
	}
	return strings.Join(links, ", ")
}

// to is the URL of another page.
func (n envelope) to(param string) string {
	query := n.self.Query()
	query.Set(n.config.Style.Param, param)
	if n.config.Auth.Query != "" {
		query.Del(n.config.Auth.Query)
	}
	u := *n.self
	u.RawQuery = query.Encode()
	if n.config.Style.Relative {
		return u.RequestURI()
	}
	return u.String()
}

// fields returns the members of records that a list shows; empty means all.
func (l lister) fields(req Request) map[string]bool {
	fields := fieldsOf(req.Query)
	if len(fields) == 0 && l.config.Style.Summary != nil {
		fields[l.config.Style.ID] = true
		for _, name := range l.config.Style.Summary {
			fields[name] = true
		}
	}
	return fields
}

// position is how a page tells where the changes stand: by a URL, or as it is.
func (n envelope) position(stands string) string {
	if !n.config.Positions.URL {
		return stands
	}
	query := n.self.Query()
	query.Del(n.config.Style.Param)
	query.Set(n.config.Positions.Param, stands)
	u := *n.self
	u.RawQuery = query.Encode()
	return u.String()
}

// fieldsOf reads the parameter fields; empty means all.
func fieldsOf(q url.Values) map[string]bool {
	fields := map[string]bool{}
	for _, v := range q["fields"] {
		for name := range strings.SplitSeq(v, ",") {
			if name != "" {
				fields[name] = true
			}
		}
	}
	return fields
}

// asksFor reports whether a request has a parameter: "status=any".
func asksFor(req Request, parameter string) bool {
	name, value, _ := strings.Cut(parameter, "=")
	return parameter != "" && req.Query.Get(name) == value && req.Query.Has(name)
}
