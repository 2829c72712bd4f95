package strategy

// Position asks for what changed since a position that the remote gives at the end of a
// list: a sync token, a delta link, the sequence number of a feed of changes. See
// remote.Page.Position, and rest.Config.Position for where an API has it.
//
// A scope without a position is fetched whole, and what is not listed is then removed,
// where removal is on. The position is stored together with the last rows of a run that
// saw its list whole, and the next run asks from it. Where the remote no longer knows it
// (410), or the declaration has changed what it asks for, the run asks for everything
// instead. What a run from a position does not list stays: deletions are
// told by tombstones or lists of ids. A record may be listed several times, and the last
// time counts.
type Position struct{}

// String returns "position".
func (Position) String() string { return "position" }
