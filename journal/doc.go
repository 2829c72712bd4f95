// Package journal keeps a log of what was changed in a service's tables, by whomever: the
// service, another program, a person with psql, a run of synced's. Package peer exchanges
// it with other installations; a service may read it for purposes of its own.
//
// A change is noted by a trigger in the transaction that makes it, and nobody waits for
// another there. Whoever reads the journal first gives what was committed its place: whole
// transactions, in an order in which they could be made again.
package journal
