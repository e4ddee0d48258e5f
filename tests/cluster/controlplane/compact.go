package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// compact drops every revision of etcd older than the current one and prints that revision: from then on a watch or
// a list of an older resource version is answered 410 Expired.
func compact(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: compact ETCD-URL")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	client, err := clientv3.New(clientv3.Config{Endpoints: args, Context: ctx, DialTimeout: 5 * time.Second})
	if err != nil {
		return err
	}
	defer client.Close()
	now, err := client.Get(ctx, "compact_rev_key")
	if err != nil {
		return err
	}
	revision := now.Header.Revision
	// The API server watches this key to learn what its cache must forget as well.
	if _, err := client.Put(ctx, "compact_rev_key", strconv.FormatInt(revision, 10)); err != nil {
		return err
	}
	if _, err := client.Compact(ctx, revision, clientv3.WithCompactPhysical()); err != nil {
		return err
	}
	fmt.Println(revision)
	return nil
}
