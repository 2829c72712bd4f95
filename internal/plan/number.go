package plan

import (
	"math/big"
	"strings"
)

// numeral is a number as it was spelled.
type numeral struct {
	sign     string // "-" or ""
	digits   string // without the point
	fraction int    // how many of the digits stand behind the point
	exponent string
}

// sameNumber reports whether two spellings are of the same number.
func sameNumber(a, b string) bool { return a == b || canonicalNumber(a) == canonicalNumber(b) }

// canonicalNumber spells a decimal number in one way: digits without leading or
// trailing zeros, and an exponent. It returns anything else as it is.
func canonicalNumber(s string) string {
	d, ok := parseNumeral(s)
	if !ok {
		return s
	}
	significant := strings.TrimLeft(d.digits, "0")
	if significant == "" {
		return "0"
	}
	trimmed := strings.TrimRight(significant, "0")
	exponent := new(big.Int)
	exponent.SetString(d.exponent, 10) // parseNumeral has checked it
	exponent.Add(exponent, big.NewInt(int64(len(significant)-len(trimmed)-d.fraction)))
	return d.sign + trimmed + "e" + exponent.String()
}

// parseNumeral takes a decimal number apart.
func parseNumeral(s string) (numeral, bool) {
	d := numeral{exponent: "0"}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		s, d.exponent = s[:i], s[i+1:]
	}
	s, d.sign = unsigned(s)
	whole, part, _ := strings.Cut(s, ".")
	d.digits, d.fraction = whole+part, len(part)
	exponent, _ := unsigned(d.exponent)
	return d, areDigits(d.digits) && areDigits(exponent)
}

// unsigned cuts one sign off a number. A plus is no sign that counts.
func unsigned(s string) (rest, sign string) {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		return rest, "-"
	}
	return strings.TrimPrefix(s, "+"), ""
}

func areDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// isNumber reports whether a database takes a text for a number.
func isNumber(s string) bool {
	_, ok := parseNumeral(strings.TrimSpace(s))
	return ok || strings.EqualFold(s, "nan") || strings.EqualFold(strings.TrimLeft(s, "+-"), "infinity")
}
