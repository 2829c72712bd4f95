package remotetest

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// body writes a page; the caller holds mu.
func (s *Server) body(p page, name string, self *url.URL, fields map[string]bool) []byte {
	style := s.config.Style
	var list bytes.Buffer
	list.WriteByte('[')
	for i, e := range p.records {
		if i > 0 {
			list.WriteByte(',')
		}
		if len(fields) == 0 {
			list.Write(e.raw)
		} else {
			list.Write(pick(e.raw, style.ID, fields))
		}
	}
	list.WriteByte(']')
	if style.Records == Root {
		return list.Bytes()
	}

	var d document
	if style.Records == "" {
		d.add(name[strings.LastIndexByte(name, '/')+1:], list.Bytes())
		d.object("links")
		d.object("meta")
	} else {
		d.set(style.Records, list.Bytes())
	}
	if p.deleted != nil {
		d.set(s.config.Deletions.IDs, []byte("["+strings.Join(p.deleted, ",")+"]"))
	}
	next, param := []byte("null"), []byte("null")
	if p.more {
		next = encode(s.to(self, p.next))
	}
	if p.more || style.By == BySequence {
		param = encode(p.next)
		if !style.keyset() {
			param = []byte(p.next)
		}
	}
	if p.more || !style.Omitted {
		d.set(style.NextURL, next)
	}
	if p.more || !style.Omitted || style.By == BySequence {
		d.set(style.NextParam, param)
	}
	d.set(style.HasMore, strconv.AppendBool(nil, p.more))
	d.set(style.Pending, strconv.AppendInt(nil, int64(p.pending), 10))
	if !s.quirks.NoTotal {
		d.set(style.Total, strconv.AppendInt(nil, int64(p.total), 10))
		d.set(style.Pages, strconv.AppendInt(nil, int64(p.pages), 10))
	}
	var b bytes.Buffer
	d.write(&b)
	return b.Bytes()
}

// header writes the page's place in the list.
func (s *Server) header(h http.Header, p page, self *url.URL) {
	style := s.config.Style
	if !style.NoLink {
		h.Set("Link", s.links(p, self))
		if s.quirks.EmptyLink && !p.more {
			h.Set("Link", "")
		}
	}
	if style.NextHeader != "" && (p.more || style.By == BySequence) {
		h.Set(style.NextHeader, p.next)
	}
	set := func(name string, n int, leave bool) {
		if name != None && !leave {
			h.Set(name, strconv.Itoa(n))
		}
	}
	set(style.PerPageHeader, p.perPage, s.quirks.NoPerPage)
	set(style.TotalHeader, p.total, s.quirks.NoTotal)
	set(style.PagesHeader, p.pages, s.quirks.NoTotal)
}

// links is the Link header: all relations where pages have numbers, else what is
// next.
func (s *Server) links(p page, self *url.URL) string {
	var links []string
	to := func(rel, param string) {
		links = append(links, fmt.Sprintf(`<%s>; rel="%s"`, s.to(self, param), rel))
	}
	numbered, first := s.config.Style.By == ByPage, s.config.Style.first()
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
func (s *Server) to(self *url.URL, param string) string {
	query := self.Query()
	query.Set(s.config.Style.Param, param)
	if s.config.Auth.Query != "" {
		query.Del(s.config.Auth.Query)
	}
	u := *self
	u.RawQuery = query.Encode()
	if s.config.Style.Relative {
		return u.RequestURI()
	}
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

// asksFor says whether a request has a parameter: "status=any".
func asksFor(req Request, parameter string) bool {
	name, value, _ := strings.Cut(parameter, "=")
	return parameter != "" && req.Query.Get(name) == value && req.Query.Has(name)
}
