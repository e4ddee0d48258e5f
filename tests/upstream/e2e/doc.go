// Package e2e holds nothing but upstream's specs, see main_test.go.
package e2e
