package remote_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
)

// listing yields n items made by f, and then an error, if any.
func listing[T any](n int, f func(i int) T, err error) func(context.Context, remote.Request) iter.Seq2[T, error] {
	return func(context.Context, remote.Request) iter.Seq2[T, error] {
		return func(yield func(T, error) bool) {
			for i := range n {
				if !yield(f(i), nil) {
					return
				}
			}
			if err != nil {
				var none T
				yield(none, err)
			}
		}
	}
}

type villa struct {
	ID    int           `json:"id"`
	Name  string        `json:"name"`
	Stay  time.Duration `json:"stay,omitempty"`
	Notes []string      `json:"notes"`
}

func villaOf(i int) *villa { return &villa{ID: i + 1, Name: "<Villa & sons>", Stay: time.Second} }

func TestSeq_Pages(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][]int{0: {0}, 1: {1}, 500: {500}, 501: {500, 1}, 1000: {500, 500}} {
		pages, err := rentals(t, remote.Seq(listing(n, villaOf, nil)))
		require.NoError(t, err)
		var sizes []int
		for i, page := range pages {
			sizes = append(sizes, len(page.Objects))
			require.Equal(t, i+1, page.Number)
			require.Equal(t, i < len(pages)-1, page.More)
			require.Nil(t, page.DeletedIDs)
		}
		require.Equal(t, want, sizes)
		if n > 0 {
			require.Equal(t, `{"id":1,"name":"<Villa & sons>","stay":1000000000,"notes":null}`, string(pages[0].Objects[0].Raw()))
		}
	}
}

func TestSeq_ErrorsAndBreaks(t *testing.T) {
	t.Parallel()
	cause := errors.New("broken")
	pages, err := rentals(t, remote.Seq(listing(501, villaOf, cause)))
	require.ErrorIs(t, err, cause)
	require.Len(t, pages, 2)
	require.False(t, pages[1].More)
	pages, err = rentals(t, remote.Seq(listing(0, villaOf, cause)))
	require.ErrorIs(t, err, cause)
	require.Empty(t, pages)

	pages, err = rentals(t, remote.Seq(listing(3, func(i int) any { return []any{villaOf(0), villaOf(1), "text"}[i] }, nil)))
	require.EqualError(t, err, "page 1: item 3: not a JSON object")
	require.Len(t, pages, 1)
	_, err = rentals(t, remote.Seq(listing(1, func(int) any { return nil }, nil)))
	require.EqualError(t, err, "page 1: item 1: not a JSON object")
	_, err = rentals(t, remote.Seq(listing(1, func(int) any { return func() {} }, nil)))
	require.ErrorContains(t, err, "page 1: item 1: encode func(): ")

	taken := 0
	counted := func(i int) *villa { taken++; return villaOf(i) }
	for page, err := range remote.Seq(listing(5000, counted, nil)).Pages(t.Context(), remote.Request{}) {
		require.NoError(t, err)
		require.Len(t, page.Objects, 500)
		break
	}
	require.Equal(t, 501, taken, "lazy: one more tells that another page follows")
	for range remote.Seq(listing(1, villaOf, cause)).Pages(t.Context(), remote.Request{}) {
		break // of the page before an error
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = collect(t, ctx, remote.Seq(listing(1, villaOf, nil)), remote.Request{})
	require.ErrorIs(t, err, context.Canceled, "a list that ended with its context is not whole")
}

func TestSeq_RawItemsAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	const raw = `{"z":1.00, "a":12345678901234567890,"u":"\u0041"}`
	buffer := []byte(raw)
	again := func(int) []byte { copy(buffer, raw); return buffer }
	after := func(context.Context, remote.Request) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			_ = yield(again(0), nil)
			copy(buffer, "used for something else")
		}
	}
	for _, api := range []remote.API{
		remote.Seq(after),
		remote.Seq(listing(1, func(int) json.RawMessage { return json.RawMessage(raw) }, nil)),
		remote.Seq(listing(1, func(int) remote.Value { return remote.Value(raw) }, nil)),
		remote.Seq(listing(1, func(int) remote.Object { o, _ := remote.ParseObject([]byte(raw)); return o }, nil)),
	} {
		pages, err := rentals(t, api)
		require.NoError(t, err)
		require.Equal(t, raw, string(pages[0].Objects[0].Raw()))
	}
	_, err := rentals(t, remote.Seq(listing(1, func(int) json.RawMessage { return json.RawMessage(`{"a":1}{}`) }, nil)))
	require.EqualError(t, err, "page 1: item 1: more than one JSON value")
}

// villasOn lists pages of two villas by their numbers.
func villasOn(last int, cause error) func(context.Context, remote.Request, string) ([]*villa, string, error) {
	return func(_ context.Context, _ remote.Request, cursor string) ([]*villa, string, error) {
		page := 1
		if cursor != "" {
			page, _ = strconv.Atoi(cursor)
		}
		if page == last {
			return []*villa{villaOf(page)}, "", cause
		}
		return []*villa{villaOf(page), villaOf(page + 100)}, strconv.Itoa(page + 1), nil
	}
}

func TestPageFunc(t *testing.T) {
	t.Parallel()
	pages, err := rentals(t, remote.PageFunc(villasOn(3, nil)))
	require.NoError(t, err)
	require.Len(t, pages, 3)
	for i, page := range pages {
		require.Equal(t, []any{i + 1, i < 2, 1}, []any{page.Number, page.More, page.Requests})
	}
	cause := errors.New("broken")
	pages, err = rentals(t, remote.PageFunc(villasOn(3, cause)))
	require.ErrorIs(t, err, cause)
	require.Len(t, pages, 2)
	for range remote.PageFunc(villasOn(3, nil)).Pages(t.Context(), remote.Request{}) {
		break
	}

	circle := func(_ context.Context, _ remote.Request, cursor string) ([]villa, string, error) {
		return nil, map[string]string{"": "a", "a": "b", "b": "a"}[cursor], nil
	}
	pages, err = rentals(t, remote.PageFunc(circle))
	require.ErrorIs(t, err, remote.ErrPageRepeated)
	require.EqualError(t, err, `page 3: next page "a": page repeated: return "" after the last page`)
	require.Len(t, pages, 3)
	require.False(t, pages[2].More)

	_, err = rentals(t, remote.PageFunc(func(context.Context, remote.Request, string) ([]int, string, error) { return []int{1}, "x", nil }))
	require.EqualError(t, err, "page 1: item 1: not a JSON object")
	n := 0
	endless := func(context.Context, remote.Request, string) ([]int, string, error) {
		n++
		return nil, strconv.Itoa(n), nil
	}
	for _, err = range remote.PageFunc(endless).Pages(t.Context(), remote.Request{}) {
	}
	require.ErrorIs(t, err, remote.ErrTooManyPages)
}
