package main

import (
	"context"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

type openWatch func(context.Context, metav1.ListOptions) (watch.Interface, error)

// replayCPU follows Pods from an old version with an informer that begins empty, so that the server sends all
// events since then at once, and returns the CPU seconds they cost.
func replayCPU(kind string, config *rest.Config, version string, events int64) float64 {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	open, list, example := replaySource(kind, config, version)
	source := &cache.ListWatch{
		ListFunc: func(metav1.ListOptions) (runtime.Object, error) { return list, nil },
		WatchFunc: func(options metav1.ListOptions) (watch.Interface, error) {
			if options.SendInitialEvents != nil {
				return nil, apierrors.NewInvalid(schema.GroupKind{Kind: "ListOptions"}, "", nil)
			}
			return open(ctx, options)
		},
	}
	informer := cache.NewSharedIndexInformer(source, example, 0, cache.Indexers{
		cache.NamespaceIndex: cache.MetaNamespaceIndexFunc,
	})
	var seen atomic.Int64
	done := make(chan struct{})
	count := func() {
		if seen.Add(1) == events {
			close(done)
		}
	}
	_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(interface{}) { count() },
		UpdateFunc: func(_, _ interface{}) { count() },
	})
	before := cpuSeconds()
	go informer.Run(ctx.Done())
	<-done
	return cpuSeconds() - before
}

func replaySource(kind string, config *rest.Config, version string) (openWatch, runtime.Object, runtime.Object) {
	if kind == "dynamic" {
		pods := dynamic.NewForConfigOrDie(config).Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"})
		list := &unstructured.UnstructuredList{}
		list.SetResourceVersion(version)
		return pods.Watch, list, &unstructured.Unstructured{}
	}
	pods := kubernetes.NewForConfigOrDie(protobuf(config)).CoreV1().Pods("")
	list := &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: version}}
	return pods.Watch, list, &corev1.Pod{}
}
