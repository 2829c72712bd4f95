//go:build !linux

package testdb

import "os"

// sharedCluster returns a server of this process alone: who runs a process, and since when, is known on Linux.
func sharedCluster() (*cluster, error) { return startCluster(os.Getenv(templateVariable)) }
