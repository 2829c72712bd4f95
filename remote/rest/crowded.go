package rest

import (
	"bytes"
	"fmt"

	"github.com/syncedgo/synced/remote"
)

// roomy is the size of a body whose memory is bounded whatever it holds: the names of
// an object's members, which are compared with each other, take ten times their bytes.
const roomy = 1 << 20

// crowded returns an error where an object of a large body has more than the most
// members. It looks at nothing else.
func crowded(body []byte, most int) *remote.FormatError {
	if len(body) <= roomy || most == 0 {
		return nil
	}
	const list = -1
	var counts []int // of the commas in each object that is open
	for i := 0; i < len(body); i++ {
		top := len(counts) - 1
		switch body[i] {
		case '"':
			i = closing(body, i)
		case '{':
			counts = append(counts, 0)
		case '[':
			counts = append(counts, list)
		case '}', ']':
			counts = counts[:max(top, 0)]
		case ',':
			if top < 0 || counts[top] == list {
				continue
			}
			if counts[top]++; counts[top] >= most {
				return &remote.FormatError{Reason: fmt.Sprintf("an object of more than %d members (MaxRecords)", most), Offset: int64(i), Err: remote.ErrTooLarge}
			}
		}
		if len(counts) > deepest {
			return nil // which is an error of its own
		}
	}
	return nil
}

// deepest is more than the depth of any JSON that is read.
const deepest = 10_001

// closing returns where the text ends that begins with the quote at i.
func closing(body []byte, i int) int {
	for {
		n := bytes.IndexByte(body[i+1:], '"')
		if n < 0 {
			return len(body)
		}
		i += n + 1
		escapes := 0
		for body[i-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
	}
}
