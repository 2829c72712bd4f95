package mapper

// FieldError is what is wrong with one attribute of a record.
type FieldError struct {
	Attribute string // the remote's name; "" for a computed field
	Field     string // the Go name
	Err       error
}

func (e *FieldError) Error() string {
	name := e.Attribute
	if name == "" {
		name = e.Field
	}
	return name + ": " + e.Err.Error()
}

func (e *FieldError) Unwrap() error { return e.Err }
