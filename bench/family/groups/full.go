package groups

import "github.com/pushcore/pushcore/bench/internal/measure"

func fullRows() []measure.Row    { return nil }
func workRows() []measure.Row    { return nil }
func sojournRows() []measure.Row { return nil }
