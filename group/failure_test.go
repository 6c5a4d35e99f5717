package group_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group"
)

// What remains of the errors of a shutdown is what nobody has asked for.
func TestFailure(t *testing.T) {
	late, second := fmt.Errorf("exec: a: drain: %w", context.DeadlineExceeded), fmt.Errorf("exec: b: drain: %w", context.Canceled)
	require.NoError(t, group.Failure(nil))
	require.NoError(t, group.Failure(late))
	require.NoError(t, group.Failure(errors.Join(late, errors.Join(second, late))))
	left := group.Failure(errors.Join(late, errors.Join(second, io.ErrShortWrite)))
	require.ErrorIs(t, left, io.ErrShortWrite)
	require.NotErrorIs(t, left, context.DeadlineExceeded)
	require.NotErrorIs(t, left, context.Canceled)
}
