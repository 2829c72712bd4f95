package main

// A variant is a state of the remote's list. Each has a base URL of its own,
// /v0 to /v4.
const (
	base    = iota // every record in version 0
	touched        // 1 % of the records in version 1
	moved          // the same, and 0.1 % of the records are gone
	later          // the same, and another 1 % in version 2
	fewer          // the same, and 1 % of the records are gone
	variants
)

// versionIn is the version in which a variant has record i.
func versionIn(variant, i int) int {
	switch {
	case variant >= touched && i%100 == 7:
		return 1
	case variant >= later && i%100 == 57:
		return 2
	}
	return 0
}

// goneIn reports whether a variant has no record i.
func goneIn(variant, i int) bool {
	return variant >= moved && i%1000 == 500 || variant >= fewer && i%100 == 33
}

// changedIn reports whether record i is in a variant's list of what changed lately.
func changedIn(variant, i int) bool {
	return variant > base && versionIn(variant, i) != versionIn(variant-1, i)
}

// count is how many of the records are as the function says.
func count(records, variant int, is func(variant, i int) bool) int {
	n := 0
	for i := range records {
		if is(variant, i) {
			n++
		}
	}
	return n
}
