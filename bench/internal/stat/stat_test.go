package stat

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQuartiles(t *testing.T) {
	require.Equal(t, [3]float64{2, 3, 4}, Quartiles([]float64{5, 1, 4, 2, 3}))
	require.Equal(t, [3]float64{7, 7, 7}, Quartiles([]float64{7}))
	require.Equal(t, [3]float64{1.75, 2.5, 3.25}, Quartiles([]float64{1, 2, 3, 4}))
	require.Equal(t, 3.0, Median([]float64{5, 1, 4, 2, 3}))
}

func TestFigure(t *testing.T) {
	for v, want := range map[float64]string{
		0.1234: "0.12", 9.876: "9.88", 12.34: "12.3", 123.4: "123", 98765.4: "98765", -12.34: "-12.3",
	} {
		require.Equal(t, want, Figure(v))
	}
}

func TestCount(t *testing.T) {
	require.Equal(t, []string{"0 rows", "1 row", "2 rows"}, []string{Count(0, "row"), Count(1, "row"), Count(2, "row")})
}
