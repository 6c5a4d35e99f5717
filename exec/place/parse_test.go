package place_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec/place"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		list string
		want place.Set
	}{
		{"", nil},
		{" \n", nil},
		{"0", place.Set{0}},
		{"1-3,5", place.Set{1, 2, 3, 5}},
		{"0-1\n", place.Set{0, 1}}, // as the kernel's files end
		{" 1 - 3 ,\t5 ", place.Set{1, 2, 3, 5}},
		{"5,1-3", place.Set{1, 2, 3, 5}},
		{"1-3,2-4,3", place.Set{1, 2, 3, 4}},
		{"1-9,2-3,5", place.Set{1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"7-7", place.Set{7}},
		{"007", place.Set{7}},
		{"65535", place.Set{65535}},
	} {
		got, err := place.Parse(tc.list)
		require.NoError(t, err, "%q", tc.list)
		require.Equal(t, tc.want, got, "%q", tc.list)
	}
}

func TestParseErrors(t *testing.T) {
	for _, tc := range []struct{ list, part, why string }{
		{"1,,3", `""`, "empty"},
		{"1,", `""`, "empty"},
		{",", `""`, "empty"},
		{"0,x", `"x"`, "not a cpu number"},
		{"1-3,-5", `"-5"`, "never negative"},
		{"-", `"-"`, "never negative"},
		{"3-1", `"3-1"`, "write 1-3"},
		{"1-", `"1-"`, `"" is not a cpu number`},
		{"1-2-3", `"1-2-3"`, `"2-3" is not a cpu number`},
		{"1--3", `"1--3"`, `"-3" is not a cpu number`},
		{"+1", `"+1"`, "not a cpu number"},
		{"0x1", `"0x1"`, "not a cpu number"},
		{"1 2", `"1 2"`, "not a cpu number"},
		{"0-7:2/4", `"0-7:2/4"`, "not a cpu number"}, // the kernel reads strides but never writes them
		{"65536", `"65536"`, "the highest cpu number is 65535"},
		{"0-65536", `"0-65536"`, "the highest cpu number is 65535"},
		{"99999999999999999999999", `"99999999999999999999999"`, "the highest cpu number is 65535"},
	} {
		got, err := place.Parse(tc.list)
		require.Nil(t, got, "%q", tc.list)
		require.ErrorContains(t, err, "place: cpu list: part "+tc.part, "%q", tc.list)
		require.ErrorContains(t, err, tc.why, "%q", tc.list)
		require.ErrorContains(t, err, `looks like "1-3,5"`, "%q", tc.list)
	}
}

func TestParseBounded(t *testing.T) {
	got, err := place.Parse(strings.Repeat("0-65535,", 10_000) + "0")
	require.NoError(t, err)
	require.Len(t, got, place.MaxCPU+1)

	_, err = place.Parse(strings.Repeat("x", 1<<20))
	require.Less(t, len(err.Error()), 300, "an error must not carry the whole input")
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "0", "1-3,5", " 1 - 3 , 5\n", "3-1", "1,,2", "-1", "65535", "65536", "0-65535,7", "1-2-3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, list string) {
		s, err := place.Parse(list)
		if err != nil {
			require.Nil(t, s)
			return
		}
		for i, cpu := range s {
			require.True(t, cpu >= 0 && cpu <= place.MaxCPU, "%q holds %d", list, cpu)
			require.True(t, i == 0 || s[i-1] < cpu, "%q is not sorted and distinct", list)
		}
		text := s.String()
		again, err := place.Parse(text)
		require.NoError(t, err)
		require.True(t, slices.Equal(s, again), "%q came back from %q as %v", list, text, again)
		require.Equal(t, text, again.String())
	})
}
