package main

import (
	"reflect"
	"strings"
	"unicode"

	"github.com/pushcore/pushcore/group/debug"
)

// clean takes what is no text out of the strings of a report, but for line ends: names must not speak to the terminal.
func clean(r *debug.Report) { cleanValue(reflect.ValueOf(r).Elem()) }

func cleanValue(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(printable(v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			cleanValue(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			cleanValue(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				cleanValue(v.Field(i))
			}
		}
	}
}

func printable(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n':
			return c
		case c == '\t':
			return ' '
		case !unicode.IsPrint(c):
			return -1
		}
		return c
	}, s)
}
