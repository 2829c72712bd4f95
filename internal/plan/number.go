package plan

import (
	"fmt"
	"strconv"
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
	return d.sign + trimmed + "e" + added(d.exponent, len(significant)-len(trimmed)-d.fraction)
}

// addedDigits is how many digits of an exponent are added to as a number. No text is
// long enough to move the exponent by more.
const addedDigits = 17

// added returns an integer of any length plus a small one, in time that grows with its
// length: big.Int reads one in the square of that.
func added(exponent string, n int) string {
	digits, sign := unsigned(exponent)
	if digits = strings.TrimLeft(digits, "0"); len(digits) <= addedDigits {
		small, _ := strconv.ParseInt(sign+"0"+digits, 10, 64) // they are digits
		return strconv.FormatInt(small+int64(n), 10)
	}
	if sign != "" {
		n = -n // the digits are added to
	}
	head, tail := digits[:len(digits)-addedDigits], digits[len(digits)-addedDigits:]
	low, _ := strconv.ParseInt(tail, 10, 64)
	const whole = 100_000_000_000_000_000 // 1 followed by addedDigits zeros
	switch low += int64(n); {
	case low < 0:
		low += whole
		head = carried(head, '0', '9', -1)
	case low >= whole:
		low -= whole
		head = carried(head, '9', '0', 1)
	}
	if rest := strings.TrimLeft(head+fmt.Sprintf("%0*d", addedDigits, low), "0"); rest != "" {
		return sign + rest
	}
	return "0"
}

// carried adds 1 to the digits of a number, or takes it away: a digit that is full
// starts over, and the one before it changes too.
func carried(digits string, full, over byte, step int) string {
	b := []byte("0" + digits)
	i := len(b) - 1
	for ; b[i] == full && i > 0; i-- {
		b[i] = over
	}
	b[i] = byte(int(b[i]) + step)
	return string(b)
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
