package remotetest

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// page is what a request asked for, of a collection as it is now.
type page struct {
	number, perPage, pages, total int
	records                       []*entry
	deleted                       []string // the page's share; nil where nothing is said
}

// page selects; the caller holds mu. Since is compared as inclusive. Deleted ids
// are dealt out to the pages, so that a client must gather them from all.
func (c *Collection) page(number, perPage int, since time.Time, sinceAsked bool) page {
	records := c.order
	var deleted []string
	if sinceAsked {
		records = nil
		for _, e := range c.order {
			if !e.at.Before(since) {
				records = append(records, e)
			}
		}
		deleted = []string{}
	}
	p := page{number: number, perPage: perPage, total: len(records), deleted: deleted}
	p.pages = max(1, (p.total+perPage-1)/perPage)
	if number <= p.pages {
		start := (number - 1) * perPage
		p.records = records[start:min(start+perPage, p.total)]
	}
	dealt := 0
	for _, d := range c.deleted {
		if !sinceAsked || d.at.Before(since) {
			continue
		}
		if dealt%p.pages == number-1 {
			p.deleted = append(p.deleted, d.key)
		}
		dealt++
	}
	return p
}

// body writes the envelope; the caller holds mu.
func (p page) body(name string, fields map[string]bool) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"%s":[`, name[strings.LastIndexByte(name, '/')+1:])
	for i, e := range p.records {
		if i > 0 {
			b.WriteByte(',')
		}
		if len(fields) == 0 {
			b.Write(e.raw)
		} else {
			b.Write(pick(e.raw, fields))
		}
	}
	b.WriteString(`],"links":{},"meta":{`)
	if p.deleted != nil {
		b.WriteString(`"deleted_ids":[` + strings.Join(p.deleted, ",") + `]`)
	}
	b.WriteString("}}")
	return b.Bytes()
}

// header writes the page's place in the list.
func (p page) header(h http.Header, self *url.URL, q Quirks) {
	to := func(rel string, number int) string {
		query := maps.Clone(self.Query())
		query.Set("page", strconv.Itoa(number))
		u := *self
		u.RawQuery = query.Encode()
		return fmt.Sprintf(`<%s>; rel="%s"`, u.String(), rel)
	}
	links := []string{to("first", 1)}
	if p.number > 1 {
		links = append(links, to("prev", min(p.number-1, p.pages)))
	}
	if p.number < p.pages {
		links = append(links, to("next", p.number+1))
	}
	h.Set("Link", strings.Join(append(links, to("last", p.pages)), ", "))
	h.Set("X-Per-Page", strconv.Itoa(p.perPage))
	if !q.NoTotal {
		h.Set("X-Total-Count", strconv.Itoa(p.total))
		h.Set("X-Total-Pages", strconv.Itoa(p.pages))
	}
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

// sortedNames lists the collections of an account, for an error.
func sortedNames(collections map[string]*Collection) []string {
	return slices.Sorted(maps.Keys(collections))
}
