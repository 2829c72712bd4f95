package strategy

import "time"

// TimeSource is where the time that a run stores is taken from. It is one of
// [ResponseDate], [LargestValue], [LocalClock] and [RemoteClock].
type TimeSource interface {
	// String returns the source's name, as it is stored beside the time.
	String() string
	source()
}

// RemoteClock is the time that the first page brings for the purpose. It always
// comes first; no fallback needs to name it.
type RemoteClock struct{}

// ResponseDate is the date of the first response, cut to the second by HTTP. It
// serves where the remote stamps records with the clock of the server that
// answers. An answer that took a second or more counts from when it was asked for, and
// one that a cache kept from when it was made (the Age header).
type ResponseDate struct{}

// LargestValue is the latest time that any record of the run has in an attribute.
// A run without records leaves the stored time as it was.
type LargestValue struct {
	// Attribute is the name of the attribute, such as "updated_at".
	Attribute string
}

// LocalClock is this machine's clock when the first page was asked for, less a
// margin for how far the clocks may be apart, and less the Age of an answer of a cache.
type LocalClock struct {
	// Margin is 0 or more. Defaults to 0.
	Margin time.Duration
}

// String returns "remote".
func (RemoteClock) String() string { return "remote" }

// String returns "date".
func (ResponseDate) String() string { return "date" }

// String returns "largest updated_at", with the attribute's name.
func (s LargestValue) String() string { return "largest " + s.Attribute }

// String returns "local".
func (LocalClock) String() string { return "local" }

func (RemoteClock) source()  {}
func (ResponseDate) source() {}
func (LargestValue) source() {}
func (LocalClock) source()   {}
