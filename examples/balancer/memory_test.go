package main

import (
	"testing"

	"github.com/pushcore/pushcore/balance/balancetest"
)

func TestMemory(t *testing.T) { balancetest.Run(t, Memory(1)) }
