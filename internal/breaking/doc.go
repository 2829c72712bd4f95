// Package breaking is tests only: they break runs for real, and show that nothing
// is lost. A process is killed, a server crashes, a connection is cut or its
// bytes are changed, a disk is full, a clock jumps, a list changes while it is
// read. What holds is said at each test, and what is not promised too.
//
// SYNCED_BELIEFS is how many cases of misleading remotes are tried on each store.
// SYNCED_SEEDS is how many sagas are played on each store, whose tables are compared with
// a reference in memory: make break. SYNCED_KILLS is how many processes are killed, 20 by
// default. SYNCED_SEED is where their chance starts; a failure names its own.
package breaking
