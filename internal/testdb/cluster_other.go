//go:build !unix

package testdb

// cluster is never started: the throwaway server is run by a Unix shell, so other systems name a server of their own.
type cluster struct {
	folder string
	shared bool
}

func startCluster(string, ...string) (*cluster, error) { return nil, errNoServer }

func (*cluster) stop() error { return nil }

func (*cluster) crash() error { return errNoServer }

func (*cluster) restart() error { return errNoServer }

func (*cluster) url() string { return "" }
