package live

import "time"

// Retry sets the longest time before the first new try to connect.
func (n *Node) Retry(d time.Duration) { n.wait = d }
