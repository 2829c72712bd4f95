// Package harness holds what the contract's tests share: two databases, a fake
// API, a few models, and short ways to run them and to look at their tables.
//
// A topic's test package starts with
//
//	func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }
//
// and a test with
//
//	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
//		b.Put("one", "two")
//		rentals := harness.Model(t, b, harness.Rentals())
//		require.Equal(t, harness.Counts{Created: 2}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
//	})
//
// A helper that one topic alone needs stays in that topic.
package harness
