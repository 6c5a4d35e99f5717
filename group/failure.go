package group

import (
	"context"
	"errors"
)

// Failure returns what of the error of a Shutdown, or of UntilSignal, says that something has
// gone wrong, or nil. That the time was up for something, or that a second signal came, is not of
// that kind: who runs the program has asked for it, and the report says what was cut off.
func Failure(err error) error {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		var left []error
		for _, err := range all.Unwrap() {
			left = append(left, Failure(err))
		}
		return errors.Join(left...)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
