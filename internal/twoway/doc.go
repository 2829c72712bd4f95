// Package twoway tries to break packages journal and peer: random edits, exchanges, broken
// networks and killed processes on three installations, and what must hold afterwards.
package twoway
