package report

// ChangedRow is a row that a run created, updated, removed or restored.
type ChangedRow struct {
	// Model is the table, of the model or of one that is associated with it.
	Model string
	Kind  Kind
	// ID is the remote id.
	ID string
}
