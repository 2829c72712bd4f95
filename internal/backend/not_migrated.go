package backend

// NotMigratedError is the error of [Store.Ready] where the database lacks some of synced's
// own tables.
type NotMigratedError struct {
	// Lacks says what there is not.
	Lacks string
}

func (e *NotMigratedError) Error() string { return e.Lacks + ": call Migrate on the store first" }
