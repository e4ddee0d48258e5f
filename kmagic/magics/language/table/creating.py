"""The verbs that make objects of a few flags, one row each, an action for every generator that kubectl has."""

from __future__ import annotations

from kmagic.magics.language.flags import (
    BOOL,
    DURATION,
    FILES,
    GLOBAL_FLAGS,
    INT,
    LIST,
    MAKING,
    PRINTED,
    RECURSIVE,
    SELECTOR,
)
from kmagic.magics.language.verb import Cell, Effect, Flag, Rule, Verb, flags_of

__all__ = ("CREATING",)


def _generator(
    name: str,
    what: str,
    usage: str,
    *flags: Flag,
    aliases: tuple[str, ...] = (),
    takes_command: bool = False,
) -> Verb:
    """The action of one generator."""
    if name.startswith("service "):
        aliases = (name.replace("service", "svc"),)
    return Verb(
        name=name,
        aliases=aliases,
        magic_name=f"kcreate {name}",
        summary=f"Creates {what}.",
        usage=usage,
        examples=(f"%kcreate {name} {usage}",),
        flags=(*flags, *MAKING),
        effect=Effect.WRITE,
        takes_command=takes_command,
    )


_FROM = (
    Flag("from-literal", kind=LIST, help="KEY=VALUE; may be repeated"),
    Flag("from-file", kind=LIST, help="a file or folder, [KEY=]PATH; may be repeated", completes="file"),
    Flag("from-env-file", kind=LIST, help="a file with lines KEY=VALUE", completes="file"),
)
_HASH = Flag("append-hash", kind=BOOL, help="a hash of the content behind the name")
_TCP = Flag("tcp", kind=LIST, help="PORT or PORT:TARGET; may be repeated")
_RULES = (
    Flag("verb", kind=LIST, help="what is allowed: get,list"),
    Flag("resource", kind=LIST, help="types: pods,deployments.apps/scale"),
    Flag("resource-name", kind=LIST, help="only objects of this name; may be repeated"),
)
_WHOM = (
    Flag("user", kind=LIST, help="a user; may be repeated"),
    Flag("group", kind=LIST, help="a group; may be repeated"),
    Flag("serviceaccount", kind=LIST, help="NAMESPACE:NAME; may be repeated"),
)
_CLUSTER_ROLE = Flag("clusterrole", help="the ClusterRole that is bound")
_IMAGE = Flag("image", help="what the container runs")

_FILES = Verb(
    name="",
    summary="",
    usage="-f FILE",
    examples=(),
    flags=(FILES, RECURSIVE, SELECTOR, *MAKING),
    effect=Effect.WRITE,
)

_GENERATORS = (
    _generator(
        "deployment",
        "a Deployment",
        "NAME --image IMAGE [-- COMMAND…]",
        Flag("image", kind=LIST, help="a container for each; may be repeated"),
        Flag("port", kind=INT, help="that the first container listens at"),
        Flag("replicas", "r", INT, "how many Pods", default=1),
        aliases=("deploy",),
        takes_command=True,
    ),
    _generator(
        "job",
        "a Job",
        "NAME --image IMAGE [-- COMMAND…]",
        _IMAGE,
        Flag("from", help="cronjob/NAME whose Job is made now"),
        takes_command=True,
    ),
    _generator(
        "cronjob",
        "a CronJob",
        "NAME --image IMAGE --schedule '0 5 * * *' [-- COMMAND…]",
        _IMAGE,
        Flag("schedule", help="when, as cron writes it"),
        Flag("restart", help="OnFailure or Never"),
        aliases=("cj",),
        takes_command=True,
    ),
    _generator("configmap", "a ConfigMap", "NAME --from-literal KEY=VALUE", *_FROM, _HASH, aliases=("cm",)),
    _generator(
        "secret generic",
        "a Secret",
        "NAME --from-file PATH",
        *_FROM,
        Flag("type", help="of the Secret"),
        _HASH,
    ),
    _generator(
        "secret tls",
        "a Secret with a certificate and its key",
        "NAME --cert PATH --key PATH",
        Flag("cert", help="the certificate's file, PEM", completes="file"),
        Flag("key", help="the key's file, PEM", completes="file"),
        _HASH,
    ),
    _generator(
        "secret docker-registry",
        "a Secret that a registry of images is logged in with",
        "NAME --from-file PATH",
        Flag("docker-server", help="the registry", default="https://index.docker.io/v1/"),
        Flag("docker-username", help="who logs in"),
        Flag("docker-password", help="with what"),
        Flag("docker-email", help="the user's address"),
        Flag("from-file", kind=LIST, help="a file such as ~/.docker/config.json", completes="file"),
        _HASH,
    ),
    _generator("namespace", "a Namespace", "NAME", aliases=("ns",)),
    _generator(
        "service clusterip",
        "a Service inside the cluster",
        "NAME --tcp PORT:TARGET",
        _TCP,
        Flag("clusterip", help="its address; None for a headless one"),
    ),
    _generator(
        "service nodeport",
        "a Service at a port of every node",
        "NAME --tcp PORT:TARGET",
        _TCP,
        Flag("node-port", kind=INT, help="the port"),
    ),
    _generator("service loadbalancer", "a Service behind a load balancer", "NAME --tcp PORT:TARGET", _TCP),
    _generator(
        "service externalname",
        "a Service that stands for a name outside",
        "NAME --external-name HOST",
        _TCP,
        Flag("external-name", help="the name"),
    ),
    _generator("serviceaccount", "a ServiceAccount", "NAME", aliases=("sa",)),
    _generator("role", "a Role of one rule", "NAME --verb get,list --resource pods", *_RULES),
    _generator(
        "rolebinding",
        "a RoleBinding",
        "NAME --role ROLE --user USER",
        _CLUSTER_ROLE,
        Flag("role", help="the Role that is bound"),
        *_WHOM,
    ),
    _generator(
        "clusterrole",
        "a ClusterRole",
        "NAME --verb get,list --resource nodes",
        *_RULES,
        Flag("non-resource-url", kind=LIST, help="a path: /healthz, /metrics/*"),
        Flag("aggregation-rule", kind=LIST, help="KEY=VALUE: labels of the ClusterRoles it is made of"),
    ),
    _generator(
        "clusterrolebinding", "a ClusterRoleBinding", "NAME --clusterrole ROLE --group GROUP", _CLUSTER_ROLE, *_WHOM
    ),
    _generator(
        "ingress",
        "an Ingress",
        "NAME --rule 'example.com/api*=web:80,tls=cert'",
        Flag("class", help="its class"),
        Flag("rule", kind=LIST, help="HOST/PATH=SERVICE:PORT[,tls[=SECRET]]; may be repeated"),
        Flag("default-backend", help="SERVICE:PORT for what no rule names"),
        Flag("annotation", kind=LIST, help="KEY=VALUE; may be repeated"),
        aliases=("ing",),
    ),
    _generator(
        "quota",
        "a ResourceQuota",
        "NAME --hard pods=10,cpu=4",
        Flag("hard", help="RESOURCE=QUANTITY,…"),
        Flag("scopes", help="only what all of these scopes name"),
        aliases=("resourcequota",),
    ),
    _generator(
        "poddisruptionbudget",
        "a PodDisruptionBudget",
        "NAME --selector app=web --min-available 1",
        Flag("selector", help="labels of the Pods: app=web"),
        Flag("min-available", help="how many must be there, or N%"),
        Flag("max-unavailable", help="how many may be missing, or N%"),
        aliases=("pdb",),
    ),
    _generator(
        "priorityclass",
        "a PriorityClass",
        "NAME --value 1000",
        Flag("value", kind=INT, help="the priority", default=0),
        Flag("global-default", kind=BOOL, help="for Pods that name none"),
        Flag("description", help="when to use it"),
        Flag("preemption-policy", help="PreemptLowerPriority or Never", default="PreemptLowerPriority"),
        aliases=("pc",),
    ),
    Verb(
        name="token",
        magic_name="kcreate token",
        summary="Asks for a token of a ServiceAccount; it is a value, and shown masked.",
        usage="ACCOUNT [--duration 1h]",
        examples=("token = %kcreate token robot --duration 1h",),
        flags=(
            Flag("audience", kind=LIST, help="who shall accept it; may be repeated"),
            Flag("duration", kind=DURATION, help="how long it is good; the server may choose another time"),
            Flag("bound-object-kind", help="Pod, Secret or Node: the token ends with the object"),
            Flag("bound-object-name", help="its name"),
            Flag("bound-object-uid", help="its uid"),
            *PRINTED,
            *GLOBAL_FLAGS,
        ),
        effect=Effect.WRITE,
        rules=(
            Rule(
                ("bound-object-name",),
                "--bound-object-name can only be set if --bound-object-kind is provided",
                without=("bound-object-kind",),
            ),
            Rule(
                ("bound-object-uid",),
                "--bound-object-uid can only be set if --bound-object-kind is provided",
                without=("bound-object-kind",),
            ),
            Rule(
                ("bound-object-kind",),
                "--bound-object-name is required if --bound-object-kind is provided",
                without=("bound-object-name",),
            ),
        ),
    ),
)

_ACTIONS = (_FILES, *_GENERATORS)

_CREATE = Verb(
    name="create",
    summary="Creates objects: of the cell's manifests, of files, or of a few flags.",
    usage="-f FILE | KIND NAME [flags]",
    examples=(
        "%kcreate deployment web --image nginx --replicas 2",
        "%kcreate deployment web --image nginx --dry-run=client -o yaml",
        "%kcreate cronjob tidy --image busybox --schedule '0 5 * * *' -- sh -c 'rm -rf /tmp/*'",
        "%kcreate configmap settings --from-literal mode=dark --from-file app.conf",
        "%kcreate secret generic login --from-env-file login.env",
        "%kcreate secret tls site --cert tls.crt --key tls.key",
        "%kcreate service nodeport web --tcp 80:8080",
        "%kcreate role reader --verb get,list --resource pods,pods/log",
        "%kcreate rolebinding reader --role reader --user jane",
        "%kcreate ingress web --rule 'example.com/*=web:80,tls=site'",
        "%kcreate poddisruptionbudget web --selector app=web --min-available 1",
        "%kcreate quota small --hard pods=10,cpu=4",
        "token = %kcreate token robot --duration 1h",
        "%kcreate -f job.yaml",
        "%%kcreate -n shop",
    ),
    flags=flags_of(_ACTIONS),
    cell=Cell.BOTH,
    effect=Effect.WRITE,
    arguments=("action", "object"),
    actions=_ACTIONS,
)

_NO_TERMINAL = "the Pod's terminal is not opened here: leave it out, then %klogs reads what it writes"


def _refused(name: str, letter: str, says: str) -> Flag:
    """A yes/no flag of kubectl's that is not taken."""
    return Flag(name, letter, BOOL, "not here; false is taken", refused=((True, f"--{name}: {says}"),))


_RUN = Verb(
    name="run",
    summary="Runs an image in a Pod.",
    usage="NAME --image IMAGE [-- ARGUMENT…]",
    examples=(
        "%krun web --image nginx --port 80",
        "%krun once --image busybox --restart Never -- sh -c date",
        "%krun web --image nginx --dry-run=client -o yaml",
    ),
    flags=(
        _IMAGE,
        Flag("command", kind=BOOL, help="what follows -- replaces the image's entry point, not its arguments"),
        Flag("env", kind=LIST, help="KEY=VALUE; may be repeated"),
        Flag("port", help="that the container listens at"),
        Flag("labels", "l", help="KEY=VALUE,… of the Pod; else run=NAME"),
        Flag("annotations", kind=LIST, help="KEY=VALUE of the Pod; may be repeated"),
        Flag("restart", help="Always, OnFailure or Never", default="Always"),
        Flag("image-pull-policy", help="Always, IfNotPresent or Never"),
        Flag("privileged", kind=BOOL, help="the container may do everything on its node"),
        Flag("expose", kind=BOOL, help="also a Service at --port"),
        Flag("quiet", "q", BOOL, "accepted for pasted commands: nothing is asked"),
        _refused("stdin", "i", _NO_TERMINAL),
        _refused("tty", "t", _NO_TERMINAL),
        _refused("attach", "", _NO_TERMINAL),
        _refused("rm", "", "nothing is attached here that could end: %kdelete pod NAME"),
        *MAKING,
    ),
    effect=Effect.WRITE,
    arguments=("pod",),
    takes_command=True,
)

_EXPOSE = Verb(
    name="expose",
    summary="Puts a Service in front of a workload, Pod or Service.",
    usage="TYPE NAME | TYPE/NAME  [--port PORT]",
    examples=("%kexpose deploy web --port 80 --target-port 8080", "%kexpose pod/web-0 --name front --type NodePort"),
    flags=(
        FILES,
        RECURSIVE,
        Flag("port", help="numbers, joined by commas; else those of the containers"),
        Flag("target-port", help="number or name of the containers' port; else the same"),
        Flag("protocol", help="TCP, UDP or SCTP, of every port"),
        Flag("name", help="of the Service; else the object's"),
        Flag("selector", help="labels of the Pods; else the object's own selector"),
        Flag("labels", "l", help="of the Service; else the object's"),
        Flag("type", help="ClusterIP, NodePort, LoadBalancer or ExternalName"),
        Flag("cluster-ip", help="its address; None for a headless one"),
        Flag("external-ip", help="one more address"),
        Flag("load-balancer-ip", help="the load balancer's address"),
        Flag("session-affinity", help="None or ClientIP"),
        *MAKING,
    ),
    effect=Effect.WRITE,
    arguments=("type", "name"),
)

_AUTOSCALE = Verb(
    name="autoscale",
    summary="Lets a workload have as many Pods as it needs, between two bounds.",
    usage="TYPE NAME | TYPE/NAME  [--min N] --max N [--cpu 80%]",
    examples=("%kautoscale deploy web --min 2 --max 10 --cpu 80%", "%kautoscale sts/db --max 3 --memory 200Mi"),
    flags=(
        FILES,
        RECURSIVE,
        Flag("min", kind=INT, help="how few Pods; below 1 for the server's choice", default=-1),
        Flag("max", kind=INT, help="how many Pods", default=-1),
        Flag("cpu", help="80% of what the Pods ask for, or a quantity"),
        Flag("memory", help="80% of what the Pods ask for, or a quantity"),
        Flag("cpu-percent", kind=INT, help="as --cpu with a percentage", default=-1),
        Flag("name", help="of the autoscaler; else the object's"),
        *MAKING,
    ),
    effect=Effect.WRITE,
    arguments=("type", "name"),
)

_REPLACE = Verb(
    name="replace",
    summary="Replaces objects by the cell's manifests, or by files, whole.",
    usage="-f FILE",
    examples=("%%kreplace", "%kreplace -f web.yaml --dry-run=server"),
    flags=(
        FILES,
        RECURSIVE,
        _refused("force", "", "an object is not deleted to make it anew: %kdelete it, then %kcreate"),
        *MAKING,
    ),
    cell=Cell.BOTH,
    effect=Effect.WRITE,
    most=0,
    too_many="objects are not named here: write their manifests below the line, or give files with -f",
)

CREATING = (
    _CREATE,
    _RUN,
    _EXPOSE,
    _AUTOSCALE,
    _REPLACE,
)
