package sqlstore

import (
	"strconv"
	"strings"
)

// Limits reads the numbers in parentheses of a type's name: 8 and 2 of
// "numeric(8,2)", 0 of "timestamp(0) with time zone".
func Limits(typ string) []int {
	_, rest, _ := strings.Cut(typ, "(")
	inside, _, ok := strings.Cut(rest, ")")
	if !ok {
		return nil
	}
	var limits []int
	for text := range strings.SplitSeq(inside, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return nil
		}
		limits = append(limits, n)
	}
	return limits
}
