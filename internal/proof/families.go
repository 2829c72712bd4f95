package proof

// Families is what a run knows of the nested lists of all records.
type Families struct {
	// Listed reports whether the run listed every record that may have one.
	Listed bool
	// Cut reports whether a list was not whole, and Untold whether a record did not have
	// it at all.
	Cut, Untold bool
}

// Complete reports whether what is in none of the lists does not exist.
func (f Families) Complete() bool { return f.Listed && !f.Cut && !f.Untold }
