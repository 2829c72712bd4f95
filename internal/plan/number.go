package plan

import (
	"math/big"
	"strings"
)

func sameNumber(a, b string) bool { return a == b || canonicalNumber(a) == canonicalNumber(b) }

// canonicalNumber spells a decimal number in one way: digits without leading or
// trailing zeros, and an exponent. What is not a number is returned as it is.
func canonicalNumber(s string) string {
	sign, digits, fraction, exponent, ok := splitNumber(s)
	if !ok {
		return s
	}
	significant := strings.TrimLeft(digits, "0")
	if significant == "" {
		return "0"
	}
	trimmed := strings.TrimRight(significant, "0")
	exp := new(big.Int)
	exp.SetString(exponent, 10) // checked by splitNumber
	exp.Add(exp, big.NewInt(int64(len(significant)-len(trimmed)-fraction)))
	return sign + trimmed + "e" + exp.String()
}

// splitNumber takes a decimal number apart: its digits without the point, how
// many of them are the fraction, and the exponent.
func splitNumber(s string) (sign, digits string, fraction int, exponent string, ok bool) {
	mantissa, exponent, scientific := s, "0", false
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent, scientific = s[:i], s[i+1:], true
	}
	if strings.HasPrefix(mantissa, "-") {
		sign = "-"
	}
	mantissa = strings.TrimPrefix(strings.TrimPrefix(mantissa, sign), "+")
	whole, part, _ := strings.Cut(mantissa, ".")
	if sign == "-" && strings.HasPrefix(s, "-+") || !areDigits(whole+part) {
		return "", "", 0, "", false
	}
	if scientific && !areDigits(strings.TrimPrefix(strings.TrimPrefix(exponent, "-"), "+")) || strings.HasPrefix(exponent, "-+") {
		return "", "", 0, "", false
	}
	return sign, whole + part, len(part), exponent, true
}

func areDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// isNumber says that a database takes a text for a number.
func isNumber(s string) bool {
	_, _, _, _, ok := splitNumber(strings.TrimSpace(s))
	return ok || strings.EqualFold(s, "nan") || strings.EqualFold(strings.TrimLeft(s, "+-"), "infinity")
}
