package wire

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReadQuota(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	date := now.Add(-time.Hour) // the remote's clock is late
	x := func(limit, left, reset string) map[string]string {
		return map[string]string{"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": left, "X-RateLimit-Reset": reset}
	}
	const none = -1
	for name, c := range map[string]struct {
		header      map[string]string
		left, limit int
		wait        time.Duration
	}{
		"unix seconds":            {x("1000", "7", "1795518030"), 7, 1000, 30 * time.Second},
		"unix milliseconds":       {x("1000", "7", "1795518030000"), 7, 1000, 30 * time.Second},
		"unix with a fraction":    {x("1000", "7", "1795518030.5"), 7, 1000, 30*time.Second + 500*time.Millisecond},
		"delta":                   {x("1000", "7", "30"), 7, 1000, 30 * time.Second},
		"delta with a fraction":   {x("1000", "7", "0.25"), 7, 1000, 250 * time.Millisecond},
		"HTTP date":               {x("1000", "7", "Tue, 24 Nov 2026 11:00:30 GMT"), 7, 1000, 30 * time.Second},
		"RFC 3339":                {x("1000", "0", "2026-11-24T12:00:30+01:00"), 0, 1000, 30 * time.Second},
		"no limit":                {x("", "7", "30"), 7, 0, 30 * time.Second},
		"limit is nonsense":       {x("many", "7", "30"), 7, 0, 30 * time.Second},
		"limit below what's left": {x("5", "7", "30"), 7, 0, 30 * time.Second},
		"no reset":                {x("1000", "0", ""), none, 0, 0},
		"no remaining":            {x("1000", "", "30"), none, 0, 0},
		"remaining is negative":   {x("1000", "-1", "30"), none, 0, 0},
		"remaining is nonsense":   {x("1000", "some", "30"), none, 0, 0},
		"reset is past":           {x("1000", "0", "1795517999"), none, 0, 0},
		"reset is zero":           {x("1000", "0", "0"), none, 0, 0},
		"reset is negative":       {x("1000", "0", "-5"), none, 0, 0},
		"reset is years ahead":    {x("1000", "0", "1895518030"), none, 0, 0},
		"reset is days ahead":     {x("1000", "0", "90000"), none, 0, 0},
		"reset is NaN":            {x("1000", "0", "NaN"), none, 0, 0},
		"reset is infinite":       {x("1000", "0", "Inf"), none, 0, 0},
		"reset is huge":           {x("1000", "0", "99999999999999999999"), none, 0, 0},
		"reset is nonsense":       {x("1000", "0", "soon"), none, 0, 0},
		"with a hyphen":           {map[string]string{"X-Rate-Limit-Remaining": "3", "X-Rate-Limit-Reset": "9"}, 3, 0, 9 * time.Second},
		"older draft": {map[string]string{
			"RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": "3", "RateLimit-Reset": "9", "X-RateLimit-Remaining": "50", "X-RateLimit-Reset": "1",
		}, 3, 100, 9 * time.Second},
		"dictionary draft": {map[string]string{"RateLimit": "limit=100, remaining=50, reset=30"}, 50, 100, 30 * time.Second},
		"structured":       {map[string]string{"RateLimit": `"default";r=50;t=30`}, 50, 0, 30 * time.Second},
		"structured, with its policy": {map[string]string{
			"RateLimit": `"day";r=900;t=3600, "minute";r=5;t=30`, "RateLimit-Policy": `"minute";q=10;w=60, "day";q=1000;w=86400`,
		}, 5, 10, 30 * time.Second},
		"structured, by a token":        {map[string]string{"RateLimit": `default;r=5;t=30`, "RateLimit-Policy": `default;q=10;w=60`}, 5, 10, 30 * time.Second},
		"structured, two are empty":     {map[string]string{"RateLimit": `"a";r=0;t=3, "b";r=0;t=30`}, 0, 0, 30 * time.Second},
		"structured, the window's size": {map[string]string{"RateLimit": `"a";r=0`, "RateLimit-Policy": `"a";q=10;w=60`}, 0, 10, time.Minute},
		"structured, bytes": {map[string]string{
			"RateLimit": `"bytes";r=0;t=30, "a";r=4;t=3`, "RateLimit-Policy": `"bytes";q=10;w=60;qu="content-bytes", "a";q=9;qu="requests"`,
		}, 4, 9, 3 * time.Second},
		"structured, no time":          {map[string]string{"RateLimit": `"a";r=0`}, none, 0, 0},
		"structured, negative":         {map[string]string{"RateLimit": `"a";r=-1;t=30`}, none, 0, 0},
		"structured, a number as text": {map[string]string{"RateLimit": `"a";r="5";t=30`}, none, 0, 0},
		"structured, an inner list":    {map[string]string{"RateLimit": `("a" "b");r=0;t=30`}, none, 0, 0},
		"structured, huge":             {map[string]string{"RateLimit": `"a";r=0;t=999999999999999`}, none, 0, 0},
		"structured, policy is broken": {map[string]string{"RateLimit": `"a";r=5;t=30`, "RateLimit-Policy": `"a;q`}, 5, 0, 30 * time.Second},
		"broken, but there are X-ones": {map[string]string{"RateLimit": `;;;`, "X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "9"}, 3, 0, 9 * time.Second},
		"nothing":                      {nil, none, 0, 0},
	} {
		h := http.Header{"Date": {date.Format(http.TimeFormat)}}
		for name, v := range c.header {
			h.Set(name, v)
		}
		q, ok := readQuota(h, now)
		if c.left == none {
			require.False(t, ok, "%s: %v", name, q)
			continue
		}
		require.True(t, ok, name)
		require.Equal(t, quota{c.left, c.limit, now.Add(c.wait)}, q, name)
	}
}

func TestQuota_Wait(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	in := func(s int) time.Time { return now.Add(time.Duration(s) * time.Second) }
	for name, c := range map[string]struct {
		quota
		last  time.Time
		open  int
		want  time.Duration
		empty bool
	}{
		"not known":             {quota{}, now, 3, 0, false},
		"none left":             {quota{0, 100, in(60)}, now, 0, time.Minute, true},
		"none, the window over": {quota{0, 100, now}, now, 0, 0, false},
		"many":                  {quota{11, 100, in(60)}, now, 0, 0, false},
		"few":                   {quota{9, 100, in(60)}, now, 0, 6 * time.Second, false},
		"few, asked long ago":   {quota{9, 100, in(60)}, in(-30), 0, 0, false},
		"few, by those open":    {quota{12, 100, in(60)}, now, 3, 6 * time.Second, false},
		"none, by those open":   {quota{3, 100, in(60)}, now, 4, time.Minute, true},
		"many, no limit":        {quota{11, 0, in(60)}, now, 0, 0, false},
		"few, no limit":         {quota{9, 0, in(60)}, now, 0, 6 * time.Second, false},
	} {
		wait, empty := c.wait(now, c.last, c.open)
		require.Equal(t, c.want, wait, name)
		require.Equal(t, c.empty, empty, name)
	}
}

func TestQuota_AnswersOvertakeEachOther(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	q := quota{5, 10, now.Add(10 * time.Second)}
	require.Equal(t, 5, q.next(quota{6, 10, now.Add(11 * time.Second)}, now).left, "an older answer")
	require.Equal(t, 4, q.next(quota{4, 10, now.Add(9 * time.Second)}, now).left)
	require.Equal(t, 9, q.next(quota{9, 10, now.Add(70 * time.Second)}, now).left, "another window")
	require.Equal(t, 9, q.next(quota{9, 10, now.Add(11 * time.Second)}, q.reset).left, "the window is over")
}

func FuzzReadQuota(f *testing.F) {
	for _, v := range []string{"30", "1795518030", "soon", "0.5", "-1", "limit=1, remaining=0, reset=3", `"a";r=5;t=30`, `"a";q=5;w=30`, "Tue, 24 Nov 2026 12:00:30 GMT"} {
		f.Add("5", v, v, v, "Tue, 24 Nov 2026 12:00:00 GMT")
	}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, left, reset, structured, policy, date string) {
		q, ok := readQuota(http.Header{
			"X-Ratelimit-Remaining": {left}, "X-Ratelimit-Reset": {reset}, "Ratelimit": {structured}, "Ratelimit-Policy": {policy}, "Date": {date},
		}, now)
		if !ok {
			require.Zero(t, q)
			return
		}
		require.GreaterOrEqual(t, q.left, 0)
		require.True(t, q.limit == 0 || q.limit >= q.left)
		require.True(t, q.reset.After(now) && !q.reset.After(now.Add(maxHold)))
		wait, _ := q.wait(now, now, 2)
		require.True(t, wait >= 0 && wait <= maxHold)
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, v := range []string{"30", "-1", "9223372036854775807", "soon", "Tue, 24 Nov 2026 12:00:30 GMT", "Mon, 01 Jan 9999 00:00:00 GMT"} {
		f.Add(v, "Tue, 24 Nov 2026 12:00:00 GMT")
	}
	f.Fuzz(func(t *testing.T, v, date string) {
		d := retryAfter(http.Header{"Retry-After": {v}, "Date": {date}}, time.Now())
		require.GreaterOrEqual(t, d, time.Duration(0))
	})
}
