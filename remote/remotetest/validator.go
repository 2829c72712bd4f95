package remotetest

import (
	"net/http"
	"strconv"
	"strings"
)

// validate adds the headers that show whether a collection has changed, and turns an
// answer to a request that repeats them into a 304. The caller holds mu.
func (q Quirks) validate(a *answer, c *Collection, req Request) {
	fresh := false
	if q.LastModified && !c.changed.IsZero() {
		a.header.Set("Last-Modified", c.changed.Format(http.TimeFormat))
		at, err := http.ParseTime(req.Header.Get("If-Modified-Since"))
		fresh = err == nil && !c.changed.After(at)
	}
	if q.ETag {
		tag := strconv.Quote(strconv.Itoa(c.seq))
		a.header.Set("ETag", tag)
		if known := req.Header.Get("If-None-Match"); known != "" { // then a time does not count
			fresh = false
			for one := range strings.SplitSeq(known, ",") {
				fresh = fresh || strings.TrimPrefix(strings.TrimSpace(one), "W/") == tag
			}
		}
	}
	if fresh {
		a.status, a.body = http.StatusNotModified, nil
	}
}
