package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	require.Equal(t, "the public sees Oak, Pine\nthe application gets Ada in Pine: asked\nthe guest sees Ada in Pine: confirmed\n", out.String())
}
