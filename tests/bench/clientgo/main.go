// The Go side of the bench: fills a shared informer with Pods, optionally follows events, and prints one
// JSON line with seconds, CPU seconds, objects and memory. Flags choose the typed or the dynamic informer.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

func cpuSeconds() float64 {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Sec+usage.Stime.Sec) + float64(usage.Utime.Usec+usage.Stime.Usec)/1e6
}

func heapBytes() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func informerFor(kind string, config *rest.Config, stop context.Context) (cache.SharedIndexInformer, func()) {
	if kind == "dynamic" {
		client := dynamic.NewForConfigOrDie(config)
		factory := dynamicinformer.NewDynamicSharedInformerFactory(client, 0)
		pods := schema.GroupVersionResource{Version: "v1", Resource: "pods"}
		return factory.ForResource(pods).Informer(), func() { factory.Start(stop.Done()) }
	}
	factory := informers.NewSharedInformerFactory(kubernetes.NewForConfigOrDie(protobuf(config)), 0)
	return factory.Core().V1().Pods().Informer(), func() { factory.Start(stop.Done()) }
}

// protobuf is how a typed client asks by default.
func protobuf(config *rest.Config) *rest.Config {
	typed := rest.CopyConfig(config)
	typed.ContentType = "application/vnd.kubernetes.protobuf"
	typed.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	return typed
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "path")
	kind := flag.String("kind", "typed", "typed or dynamic")
	events := flag.Int64("events", 0, "after the sync wait for this many updates")
	flag.Parse()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	informer, start := informerFor(*kind, config, ctx)
	var seen atomic.Int64
	done := make(chan struct{})
	_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{UpdateFunc: func(_, _ interface{}) {
		if seen.Add(1) == *events {
			close(done)
		}
	}})
	heapBefore, cpuBefore, begun := heapBytes(), cpuSeconds(), time.Now()
	start()
	cache.WaitForCacheSync(ctx.Done(), informer.HasSynced)
	result := map[string]any{
		"seconds": time.Since(begun).Seconds(),
		"cpu":     cpuSeconds() - cpuBefore,
		"objects": len(informer.GetStore().ListKeys()),
	}
	result["bytes"] = heapBytes() - heapBefore
	if *events > 0 {
		version := informer.LastSyncResourceVersion()
		fmt.Println("synced")
		cpuBefore = cpuSeconds()
		<-done
		result["event_cpu"] = cpuSeconds() - cpuBefore
		cancel()
		result["replay_cpu"] = replayCPU(*kind, config, version, *events)
	}
	_ = json.NewEncoder(os.Stdout).Encode(result)
}
