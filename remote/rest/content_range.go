package rest

import (
	"fmt"
	"net/http"
	"strings"
)

const contentRangeHeader = "Content-Range"

// contentRange is the part of a list that an answer says it holds: "items 0-39/100".
type contentRange struct {
	last, total int
	known       bool // the total is told
}

// parseRange reads the header Content-Range. A range of bytes says nothing of records.
func parseRange(v string) (r contentRange, ok bool) {
	v = strings.TrimSpace(v)
	unit, rest, spaced := strings.Cut(v, " ")
	if spaced {
		v = strings.TrimSpace(rest)
	}
	if spaced && strings.EqualFold(unit, "bytes") {
		return r, false
	}
	part, total, ok := strings.Cut(v, "/")
	if !ok {
		return r, false
	}
	var err error
	if total = strings.TrimSpace(total); total != "*" {
		if r.total, err = parseCount(total); err != nil {
			return r, false
		}
		r.known = true
	}
	if part = strings.TrimSpace(part); part == "*" {
		return r, true
	}
	_, last, ok := strings.Cut(part, "-")
	if last = strings.TrimSpace(last); !ok || last == "" || last == "-1" { // 0--1 is a range of none
		return r, ok
	}
	r.last, err = parseCount(last)
	return r, err == nil
}

// part is what an answer that is only a part of a list proves.
type part struct {
	cut   string // why the list would be cut short, were this its last page
	total bool   // that is told by a total
}

// readPart takes note of what an answer says to be only a part of: the list is cut short
// where it ends before that does.
func (w *walk) readPart(resp *Response) {
	n := len(resp.Page.Objects)
	r, ok := parseRange(resp.Header.Get(contentRangeHeader))
	switch {
	case ok && r.known:
		w.part.cut = ""
		if reached := n >= r.total || w.seen >= r.total || w.resumed && r.last+1 >= r.total; !reached {
			w.part.cut = fmt.Sprintf("the answer says by Content-Range that the list has %d records, and %d were listed: set rest.Config.Pagination so that the rest is asked for", r.total, w.seen)
		}
	case n == 0 && !w.part.total:
		w.part.cut = "" // nothing comes after the part before
	case resp.Status == http.StatusPartialContent && n > 0:
		w.part.cut = "the answer is 206 Partial Content, and its Content-Range does not tell where the list ends: set rest.Config.Pagination so that the rest is asked for, until an answer is 200 or empty"
	case n > 0:
		w.part.cut = ""
	}
	w.part.total = ok && r.known
}
