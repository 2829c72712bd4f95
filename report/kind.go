package report

// Kind is the kind of a change.
type Kind int

// The kinds of changes.
const (
	Created Kind = iota + 1
	Updated
	Removed
	Restored
)

// String returns "created", "updated", "removed" or "restored".
func (k Kind) String() string {
	switch k {
	case Created:
		return "created"
	case Updated:
		return "updated"
	case Removed:
		return "removed"
	case Restored:
		return "restored"
	default:
		return "unknown"
	}
}
