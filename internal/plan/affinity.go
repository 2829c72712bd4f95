package plan

import (
	"math"
	"strconv"
	"strings"
)

// affinity is what a column of SQLite makes of values, by the name of its type.
type affinity int

const (
	noAffinity affinity = iota
	textAffinity
	numericAffinity // integers too, which differ from it in casts only
	realAffinity
)

// affinity returns that of the column; none in another database. See
// https://sqlite.org/datatype3.html, "Determination Of Column Affinity".
func (f *bound) affinity() affinity {
	has := func(names ...string) bool {
		for _, name := range names {
			if strings.Contains(strings.ToLower(f.dbType), name) {
				return true
			}
		}
		return false
	}
	switch {
	case f.strict || f.dbType == "":
		return noAffinity
	case has("int"):
		return numericAffinity
	case has("char", "clob", "text"):
		return textAffinity
	case has("blob"):
		return noAffinity
	case has("real", "floa", "doub"):
		return realAffinity
	default:
		return numericAffinity
	}
}

// textOf returns the text of what a column of numbers makes of a text: the number
// that it spells, if it spells one.
func (a affinity) textOf(text string) string {
	n, ok := parseNumeral(strings.TrimSpace(text))
	if !ok {
		return text
	}
	if a == numericAffinity && n.fraction == 0 && n.exponent == "0" {
		if whole, err := strconv.ParseInt(n.sign+n.digits, 10, 64); err == nil {
			return strconv.FormatInt(whole, 10)
		}
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		return text
	}
	if a == numericAffinity && x == math.Trunc(x) && math.Abs(x) < 1<<63 {
		return strconv.FormatInt(int64(x), 10)
	}
	return realText(x)
}

// realText spells a number as SQLite casts it to text.
func realText(x float64) string {
	text := strconv.FormatFloat(x, 'g', 15, 64)
	digits, exponent, has := strings.Cut(text, "e")
	if !strings.Contains(digits, ".") {
		digits += ".0"
	}
	if has {
		return digits + "e" + exponent
	}
	return digits
}
