// Package plural writes counts in words.
package plural

import "fmt"

// Of returns a number and the name of what is counted, in the singular where it is
// one: "1 row", "0 rows".
func Of[N int | int64](n N, name string) string {
	if n == 1 {
		return "1 " + name
	}
	return fmt.Sprintf("%d %ss", n, name)
}
