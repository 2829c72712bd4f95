package proof

// Nested is what an attribute of a record tells of a list that is nested in it.
type Nested struct {
	// Told reports whether the record has the attribute, and Omitted whether it is left
	// out where there is no more.
	Told, Omitted bool
	// Holds is how many objects the list has here.
	Holds int
	// More reports whether the attribute says that there are others, or that it is not
	// known how many there are.
	More bool
	// Total is how many there are, where that is told.
	Total float64
}

// Whole reports whether what is not in the list is no longer the record's.
func (n Nested) Whole() bool {
	if !n.Told {
		return n.Omitted
	}
	return !n.More && float64(n.Holds) >= n.Total
}
