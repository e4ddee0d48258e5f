// Upstream's end-to-end specs as one program, without the packages that need machines (storage, dra, windows).
// `make upstream` runs its [Conformance] specs against the sandbox and against a real control plane.
package e2e

import (
	"context"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"k8s.io/kubernetes/test/e2e"
	"k8s.io/kubernetes/test/e2e/framework"
	"k8s.io/kubernetes/test/e2e/framework/config"
	"k8s.io/kubernetes/test/e2e/framework/testfiles"
	manifests "k8s.io/kubernetes/test/e2e/testing-manifests"
	"k8s.io/kubernetes/test/fixtures"

	_ "k8s.io/kubernetes/test/e2e/apimachinery"
	_ "k8s.io/kubernetes/test/e2e/apps"
	_ "k8s.io/kubernetes/test/e2e/architecture"
	_ "k8s.io/kubernetes/test/e2e/auth"
	_ "k8s.io/kubernetes/test/e2e/common"
	_ "k8s.io/kubernetes/test/e2e/instrumentation"
	_ "k8s.io/kubernetes/test/e2e/kubectl"
	_ "k8s.io/kubernetes/test/e2e/network"
	_ "k8s.io/kubernetes/test/e2e/node"
	_ "k8s.io/kubernetes/test/e2e/scheduling"

	_ "k8s.io/kubernetes/test/e2e/framework/debug/init"
	_ "k8s.io/kubernetes/test/e2e/framework/metrics/init"
	_ "k8s.io/kubernetes/test/e2e/framework/node/init"
)

var specTimeout = flag.Duration("spec-timeout", 2*time.Minute, "how long one spec may take")

func TestMain(m *testing.M) {
	config.CopyFlags(config.Flags, flag.CommandLine)
	framework.RegisterCommonFlags(flag.CommandLine)
	framework.RegisterClusterFlags(flag.CommandLine)
	flag.Parse()
	testfiles.AddFileSource(manifests.GetE2ETestingManifestsFS())
	testfiles.AddFileSource(fixtures.GetTestFixturesFS())
	framework.AfterReadingAllFlags(&framework.TestContext)
	ginkgo.AddTreeConstructionNodeArgsTransformer(limited)
	os.Exit(m.Run())
}

// limited gives every spec that can be interrupted an end: some wait for what a simulated node never does.
func limited(kind types.NodeType, _ ginkgo.Offset, text string, args []any) (string, []any, []error) {
	if kind == types.NodeTypeIt {
		for _, arg := range args {
			switch arg.(type) {
			case func(context.Context), func(ginkgo.SpecContext):
				return text, append(args, ginkgo.SpecTimeout(*specTimeout), ginkgo.GracePeriod(5*time.Second)), nil
			}
		}
	}
	return text, args, nil
}

func TestE2E(t *testing.T) {
	e2e.RunE2ETests(t)
}
