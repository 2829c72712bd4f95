package proof

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

// total is a page that tells a total, none where it is negative.
func total(n int) Page { return Page{Total: n, TotalKnown: n >= 0} }

func TestList(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pages  []Page
		again  string // comes on two pages
		filter bool
		listed int
		doubt  string
		time   string // why none is stored
	}{
		"no total":               {pages: []Page{total(-1), total(-1)}, listed: 5},
		"as many as said":        {pages: []Page{total(3), total(3)}, listed: 3},
		"more than said":         {pages: []Page{total(3)}, listed: 4},
		"fewer than said":        {pages: []Page{total(3), total(3)}, listed: 2, doubt: "the remote says it has 3 records and listed 2", time: "the remote said that it has 3 records and listed 2"},
		"fewer on one page":      {pages: []Page{total(5001)}, listed: 30, doubt: "5001 records and listed 30", time: "5001 records and listed 30"},
		"it grew":                {pages: []Page{total(3), total(4)}, listed: 4, doubt: "it had 3 records at first and 4 in the end"},
		"it grew unseen":         {pages: []Page{total(3), total(4)}, listed: 3, doubt: "it had 3 records at first and 4 in the end"},
		"fewer than at first":    {pages: []Page{total(5), total(6)}, listed: 4, doubt: "it had 5 records at first and 6 in the end", time: "it has 5 records and listed 4"},
		"it shrank, and stays":   {pages: []Page{total(4), total(3)}, listed: 4, doubt: "it had 4 records at first and 3 in the end"},
		"it shrank":              {pages: []Page{total(4), {Total: 3, TotalKnown: true, Shifting: true}}, listed: 4, doubt: "it had 4 records at first and 3 in the end", time: "shrank"},
		"it shrank and grew":     {pages: []Page{total(4), {Total: 3, TotalKnown: true, Shifting: true}, total(4)}, listed: 4, doubt: "it had 4 records at first and 4 in the end", time: "shrank"},
		"told later":             {pages: []Page{total(-1), total(3)}, listed: 2, doubt: "3 records and listed 2", time: "3 records and listed 2"},
		"the page's own totals":  {pages: []Page{{Total: 3, TotalKnown: true, Records: 3, More: true}, {Total: 2, TotalKnown: true, Records: 2}}, listed: 5},
		"the page's, told late":  {pages: []Page{{Total: 3, TotalKnown: true, Records: 3}, {Total: 2, TotalKnown: true, Records: 2}}, listed: 5},
		"partial":                {pages: []Page{{Partial: "incomplete_results"}, {}}, listed: 2, doubt: "incomplete_results", time: "incomplete_results"},
		"no end":                 {pages: []Page{{}, {Unended: "declare a pagination"}}, listed: 2, doubt: "declare a pagination", time: "declare a pagination"},
		"no end, but it went on": {pages: []Page{{Unended: "declare a pagination"}, {}}, listed: 2},
		"shifted":                {pages: []Page{{Shifting: true}, {Shifting: true}}, again: "7", listed: 2, doubt: "record 7 came on two pages", time: "record 7 came on two pages"},
		"filtered":               {pages: []Page{{}}, filter: true, listed: 2, doubt: "own query", time: "own query"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := List{Filtered: c.filter}
			for _, p := range c.pages {
				l.Page(p)
			}
			if c.again != "" {
				require.NoError(t, l.Again(c.again, false))
			}
			has(t, c.doubt, l.Doubt(c.listed))
			has(t, c.time, l.NotStored(c.listed))
			require.Equal(t, c.doubt == "", l.Complete(c.listed))
			require.False(t, l.Complete(0), "nothing was listed")

			var kept List
			text, err := json.Marshal(l)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &kept))
			kept.Filtered = c.filter
			require.Equal(t, l, kept)
		})
	}
}

// has compares a reason, of which a part is given.
func has(t *testing.T, want, got string) {
	t.Helper()
	if want == "" {
		require.Empty(t, got)
		return
	}
	require.Contains(t, got, want)
}

func TestList_Again(t *testing.T) {
	t.Parallel()
	var l List
	l.Page(Page{})
	require.NoError(t, l.Again("1", true))
	require.ErrorContains(t, l.Again("1", false), "different records under this id")
	require.Empty(t, l.Doubt(1))
}

func TestAbsence(t *testing.T) {
	t.Parallel()
	shifted := List{Begun: true, Shifting: true, Shifted: "7"}
	for name, c := range map[string]struct {
		Absence
		refused, must string
		should        bool
	}{
		"half of a large scope":         {Absence: Absence{Listed: 101, Rows: 101, Of: 202}},
		"more than half":                {Absence: Absence{Listed: 100, Rows: 102, Of: 202}, refused: "more than 50 % of the scope"},
		"20 of a small scope":           {Absence: Absence{Listed: 1, Rows: 20, Of: 21}},
		"21 of a small scope":           {Absence: Absence{Listed: 1, Rows: 21, Of: 22}, refused: "more than 50 % of the scope"},
		"30 of 100":                     {Absence: Absence{Listed: 70, Rows: 30, Of: 100}},
		"the share of 101 rows":         {Absence: Absence{Listed: 1, Rows: 51, Of: 101}, refused: "more than 50 % of the scope"},
		"nothing listed":                {Absence: Absence{Rows: 1, Of: 1}, refused: "the remote listed nothing at all"},
		"nothing listed, nothing there": {Absence: Absence{}},
		"nothing listed, allowed":       {Absence: Absence{Allowed: true, Rows: 1, Of: 1}},
		"nothing listed, given":         {Absence: Absence{Given: true, Rows: 1, Of: 1}},
		"partial":                       {Absence: Absence{List: &List{Partial: "incomplete"}, Listed: 5, Rows: 1, Of: 6}, refused: "incomplete"},
		"partial, allowed":              {Absence: Absence{List: &List{Partial: "incomplete"}, Allowed: true, Listed: 5, Rows: 1, Of: 6}},
		"filtered":                      {Absence: Absence{List: &List{Filtered: true}, Listed: 5, Rows: 1, Of: 6}, refused: "own query"},
		"no end":                        {Absence: Absence{List: &List{Unended: "no end"}, Listed: 5, Rows: 1, Of: 6}, must: "no end", should: true},
		"no end, and below the total":   {Absence: Absence{List: &List{Unended: "no end", Announced: Announced{Totals: true, First: 9, Last: 9}}, Listed: 5, Rows: 1, Of: 6}, refused: "9 records and listed 5", must: "no end", should: true},
		"shifted":                       {Absence: Absence{List: &shifted, Listed: 5, Rows: 1, Of: 6}, must: "record 7 came on two pages", should: true},
		"it may have shifted":           {Absence: Absence{List: &List{Shifting: true}, Listed: 5, Rows: 1, Of: 6}, should: true},
		"one page":                      {Absence: Absence{List: &List{Single: true}, Listed: 5, Rows: 1, Of: 6}, should: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := c.Absence
			if a.Limit = 0.5; a.List == nil {
				a.List = &List{}
			}
			has(t, c.refused, a.Refused())
			has(t, c.must, a.MustAsk())
			require.Equal(t, c.should, a.ShouldAsk())
		})
	}
}

func TestInquiry(t *testing.T) {
	t.Parallel()
	type answers = []Answer // the first and the last are those of the control
	for name, c := range map[string]struct {
		answers
		gone []int
		why  string
	}{
		"missed beside a control":       {answers{Hit, Miss, Miss, Hit}, []int{0, 1}, ""},
		"found":                         {answers{Hit, Hit, Hit}, nil, ""},
		"no control before":             {answers{Miss, Miss, Hit}, nil, NoControl},
		"no control after":              {answers{Hit, Miss, Unclear}, nil, NoControl},
		"no control, nothing missed":    {answers{Hit, Hit, Miss}, nil, ""},
		"one is unclear, the others go": {answers{Hit, Miss, Unclear, Miss, Hit}, []int{0, 2}, "1 of 3 absent records could not be asked for, the first: record 1"},
		"all are unclear":               {answers{Hit, Unclear, Unclear, Hit}, nil, "2 of 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var q Inquiry
			for i, a := range c.answers {
				if i == 0 || i == len(c.answers)-1 {
					q.Control(a)
					continue
				}
				q.Record(i-1, a, "record "+string(rune('0'+i-1)))
			}
			gone, why := q.Gone()
			require.Equal(t, c.gone, gone)
			has(t, c.why, why)
		})
	}
}
