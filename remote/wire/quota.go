package wire

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

// quota is how many requests are left until the remote starts to count again. The
// zero quota is not known.
type quota struct {
	left, limit int // limit is 0 where it is not known
	reset       time.Time
}

// sameWindow is how much the end of a window may differ between two answers:
// it is told in whole seconds.
const sameWindow = 2 * time.Second

// next is the quota after another answer. Answers may overtake each other, so in
// one window the lowest count is right.
func (q quota) next(told quota, now time.Time) quota {
	if q.reset.After(now) && told.reset.Sub(q.reset).Abs() <= sameWindow {
		told.left = min(told.left, q.left)
		told.reset = q.reset
	}
	return told
}

// wait is how long to wait before the next request, where last is when one
// started and open is how many have started that the quota does not count yet.
// Empty reports whether none is left.
func (q quota) wait(now, last time.Time, open int) (wait time.Duration, empty bool) {
	left := q.left - open
	switch {
	case !q.reset.After(now):
		return 0, false
	case left <= 0:
		return q.reset.Sub(now), true
	case q.limit > 0 && left > max(1, q.limit/10), q.limit == 0 && left > 10:
		return 0, false
	}
	next := last.Add(q.reset.Sub(last) / time.Duration(left+1))
	return max(0, next.Sub(now)), false
}

// readQuota reads what an answer says about the rate limit, in one of its
// dialects. What makes no sense is not there.
func readQuota(h http.Header, now time.Time) (quota, bool) {
	q, wait, ok := structuredQuota(h)
	for _, prefix := range []string{"RateLimit-", "X-RateLimit-", "X-Rate-Limit-"} {
		if ok {
			break
		}
		if q.left, ok = count(h.Get(prefix + "Remaining")); ok {
			q.limit, _ = count(h.Get(prefix + "Limit"))
			wait, ok = untilReset(h.Get(prefix+"Reset"), dateOf(h, now))
		}
	}
	if !ok || wait <= 0 || wait > maxHold {
		return quota{}, false
	}
	if q.limit < q.left {
		q.limit = 0
	}
	q.reset = now.Add(wait)
	return q, true
}

// dateOf returns the time of an answer, which came now.
func dateOf(h http.Header, now time.Time) time.Time {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		return date
	}
	return now
}

// count reads a number of requests, also from "100, 100;w=60".
func count(v string) (int, bool) {
	if v == "" {
		return 0, false // as most answers have it, without an error to be made
	}
	v, _, _ = strings.Cut(v, ",")
	v, _, _ = strings.Cut(v, ";")
	n, err := strconv.ParseUint(strings.TrimSpace(v), 10, 31)
	return int(n), err == nil
}

// untilReset reads when a window ends: a date, or a number of seconds, from now or
// from 1970. Nobody waits for thirty years, so the two can be told apart; and
// milliseconds since 1970 from both.
func untilReset(v string, from time.Time) (time.Duration, bool) {
	const epoch, epochMilli = 1e9, 1e12 // 2001 in seconds, and in milliseconds
	v = strings.TrimSpace(v)
	if at, err := http.ParseTime(v); err == nil {
		return at.Sub(from), true
	}
	if at, err := time.Parse(time.RFC3339, v); err == nil {
		return at.Sub(from), true
	}
	n, err := strconv.ParseFloat(v, 64)
	switch {
	case err != nil || math.IsNaN(n) || n < 0 || n > 1e15:
		return 0, false
	case n >= epochMilli:
		return time.UnixMilli(int64(n)).Sub(from), true
	case n >= epoch:
		return time.Unix(0, int64(n*1e9)).Sub(from), true
	}
	return time.Duration(min(n, 2*maxHold.Seconds()) * float64(time.Second)), true
}

// structuredQuota reads the header RateLimit of the IETF's drafts, which may name
// several policies: the one with the fewest left counts.
func structuredQuota(h http.Header) (quota, time.Duration, bool) {
	values := h.Values("RateLimit")
	if len(values) == 0 {
		return quota{}, 0, false
	}
	list, err := httpsfv.UnmarshalList(values)
	if err != nil {
		return dictionaryQuota(values)
	}
	policies, err := httpsfv.UnmarshalList(h.Values("RateLimit-Policy"))
	if err != nil {
		policies = nil
	}
	type limit struct {
		quota
		wait time.Duration
	}
	var found []limit
	for _, member := range list {
		item, ok := member.(httpsfv.Item)
		if !ok {
			continue
		}
		policy := policyOf(policies, item)
		if unit, ok := policy.Get("qu"); ok && unit != "requests" {
			continue // bytes, say
		}
		left, ok := number(item.Params, "r")
		wait, timed := number(item.Params, "t")
		if !timed {
			wait, timed = number(policy, "w")
		}
		if !ok || !timed || wait == 0 {
			continue
		}
		most, _ := number(policy, "q")
		found = append(found, limit{quota{left: left, limit: most}, seconds(wait)})
	}
	if len(found) == 0 {
		return quota{}, 0, false
	}
	least := slices.MinFunc(found, func(a, b limit) int {
		return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(b.wait, a.wait))
	})
	return least.quota, least.wait, true
}

// policyOf is what RateLimit-Policy says about a limit of RateLimit.
func policyOf(policies httpsfv.List, limit httpsfv.Item) *httpsfv.Params {
	for _, member := range policies {
		if p, ok := member.(httpsfv.Item); ok && name(p) == name(limit) {
			return p.Params
		}
	}
	return httpsfv.NewParams()
}

// name is the name of a policy, which drafts wrote as a string or a token.
func name(item httpsfv.Item) string {
	switch v := item.Value.(type) {
	case string:
		return v
	case httpsfv.Token:
		return string(v)
	}
	return ""
}

// dictionaryQuota reads an older draft's "limit=100, remaining=50, reset=30".
func dictionaryQuota(values []string) (quota, time.Duration, bool) {
	dict, err := httpsfv.UnmarshalDictionary(values)
	if err != nil {
		return quota{}, 0, false
	}
	left, ok := number(dict, "remaining")
	wait, timed := number(dict, "reset")
	most, _ := number(dict, "limit")
	return quota{left: left, limit: most}, seconds(wait), ok && timed
}

// number is an integer that is not negative.
func number(from any, key string) (int, bool) {
	var v any
	switch from := from.(type) {
	case *httpsfv.Params:
		v, _ = from.Get(key)
	case *httpsfv.Dictionary:
		member, _ := from.Get(key)
		if item, ok := member.(httpsfv.Item); ok {
			v = item.Value
		}
	}
	n, ok := v.(int64)
	return int(min(n, math.MaxInt32)), ok && n >= 0
}

// seconds is a bounded wait.
func seconds(n int) time.Duration {
	return min(time.Duration(n)*time.Second, 2*maxHold)
}
