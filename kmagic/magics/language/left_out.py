"""The verbs and flags that kubectl has and the magics do not, each with the reason, said to who asks for it.

A verb or flag of kubectl is in the table of verbs or here; a test asks kubectl's own help.
"""

from __future__ import annotations

from types import MappingProxyType

__all__ = ("LEFT_OUT_FLAGS", "LEFT_OUT_VERBS", "reason_for_flag", "reason_for_verb")

_NEVER_WRITTEN = "the kubeconfig is never written: %kctx NAME changes this notebook's context, %kns NAME its namespace"
_NOT_YET = "not here yet"

LEFT_OUT_VERBS = MappingProxyType(
    {
        "apply edit-last-applied": "an editor is not opened: change the manifest in its cell and apply it again",
        "apply set-last-applied": "apply is done by the server, which keeps whose each field is",
        "apply view-last-applied": "apply is done by the server: %kget -o yaml --show-managed-fields says whose a field is",
        "auth reconcile": f"{_NOT_YET}: %%kapply applies roles and bindings",
        "cluster-info dump": "it writes files: %kget and %klogs read the same",
        "completion": "it is for shells; magics complete by themselves",
        "kuberc": "kubectl's own preferences; the magics have none",
        "kustomize": f"{_NOT_YET}: kubectl kustomize DIR > all.yaml, then %kapply -f all.yaml",
        "config delete-cluster": _NEVER_WRITTEN,
        "config delete-context": _NEVER_WRITTEN,
        "config delete-user": _NEVER_WRITTEN,
        "config get-clusters": "%kconfig view shows them",
        "config get-users": "%kconfig view shows them, credentials left out",
        "config rename-context": _NEVER_WRITTEN,
        "config set": _NEVER_WRITTEN,
        "config set-cluster": _NEVER_WRITTEN,
        "config set-context": _NEVER_WRITTEN,
        "config set-credentials": _NEVER_WRITTEN,
        "config unset": _NEVER_WRITTEN,
        "plugin": "kubectl's plugins are programs of their own: !kubectl plugin list",
        "proxy": f"{_NOT_YET}: %kforward opens ports of Pods and Services",
    }
)

_NO_TERMINAL = "no terminal is opened here"

# By name for every verb, by "verb --name" for one.
LEFT_OUT_FLAGS = MappingProxyType(
    {
        "allow-missing-template-keys": "-o is not here, which it is about",
        "apply --all": "without --prune it says nothing",
        "apply --cascade": "nothing is deleted to be made again",
        "apply --grace-period": "nothing is deleted to be made again",
        "apply --force": "nothing is deleted to be made again: %kdelete it, then apply",
        "apply --openapi-patch": "the server merges every apply",
        "apply --overwrite": "the server merges every apply: --force-conflicts takes fields over",
        "apply --prune": f"{_NOT_YET}: %kdelete -l deletes what is not wanted any more",
        "apply --prune-allowlist": f"{_NOT_YET}, as --prune",
        "apply --applyset": f"{_NOT_YET}, as --prune",
        "apply --timeout": "nothing is deleted that could be waited for",
        "apply --wait": "nothing is deleted that could be waited for",
        "cascade": "nothing is deleted to be made again",
        "chunk-size": "the server's answer is read in pages as they come",
        "cp --no-preserve": f"{_NOT_YET}: owners and modes are as the container's tar makes them",
        "cp --retries": "an archive is read whole before anything is written: run the line again",
        "create --edit": "an editor is not opened: -o yaml --dry-run=client makes a cell to edit",
        "debug --attach": "%kattach shows what a container writes, %kexec runs a command in it",
        "debug --custom": f"{_NOT_YET}: --profile chooses the rights",
        "detach-keys": _NO_TERMINAL,
        "edit --output-patch": "the cell's outcome names every field that changed",
        "edit --show-managed-fields": "they are the server's; nobody edits them",
        "edit --subresource": f"{_NOT_YET}: %kpatch --subresource changes one",
        "diff --concurrency": "manifests are compared one by one",
        "diff --prune": f"{_NOT_YET}, as apply --prune",
        "diff --prune-allowlist": f"{_NOT_YET}, as apply --prune",
        "field-selector": f"{_NOT_YET}: -l chooses by labels",
        "filename": f"{_NOT_YET}: name the objects",
        "run --filename": "kubectl ignores it, too",
        "flatten": "it would show certificates and keys",
        "force": "nothing is deleted to be made again",
        "grace-period": "nothing is deleted to be made again",
        "insecure-skip-tls-verify-backend": "the API server verifies the kubelet, or does not",
        "interactive": "nobody is asked at a prompt: in a protected context a deletion is first a plan",
        "kustomize": f"{_NOT_YET}: kubectl kustomize DIR > all.yaml, then -f all.yaml",
        "leave-stdin-open": _NO_TERMINAL,
        "local": "objects are changed on the server; --dry-run=server shows what would become of them",
        "merge": "the files of KUBECONFIG are merged, as they are used",
        "output": f"{_NOT_YET}: %kget -o shows the object afterwards",
        "output-watch-events": "a live view shows each change where it happens",
        "override-type": "change the object in a cell: --dry-run=client -o yaml makes one",
        "overrides": "change the object in a cell: --dry-run=client -o yaml makes one",
        "pod-running-timeout": "%kwait pod/NAME --for condition=Ready waits",
        "quiet": "nothing is said beside the command's own output",
        "proxy-url": "the kubeconfig says it",
        "raw": "the client of %kctx asks for objects; a path of any kind is asked by AsyncClient.rest",
        "config view --raw": "it would show credentials",
        "recursive": f"{_NOT_YET}: name each folder",
        "resource-version": "what another one changed meanwhile is kept: only the fields that were meant are sent",
        "revision": f"{_NOT_YET}: the history names them all",
        "selector": f"{_NOT_YET}: name the objects",
        "show-managed-fields": "-o yaml and -o json are not here, which it is about",
        "show-secrets": "values of Secrets are masked, always",
        "stdin": _NO_TERMINAL,
        "subresource": f"{_NOT_YET}: %kpatch --subresource changes one",
        "template": "-o is not here, which it is about",
        "timeout": "nothing is waited for here: %kwait and %krollout status wait",
        "tty": _NO_TERMINAL,
        "validate": "only known fields are sent",
        "wait": "nothing is deleted that could be waited for",
        "watch-only": "a live view begins with what is there",
        "windows-line-endings": "no file is written",
        "save-config": "the server keeps whose each field is",
        "certificate-authority": "the kubeconfig says it",
        "client-certificate": "the kubeconfig says it",
        "client-key": "the kubeconfig says it",
        "insecure-skip-tls-verify": "the kubeconfig says it",
        "password": "the kubeconfig says it, where no notebook shows it",
        "server": "the kubeconfig says it: --context chooses",
        "tls-server-name": "the kubeconfig says it",
        "token": "the kubeconfig says it, where no notebook shows it",
        "username": "the kubeconfig says it",
        "cache-dir": "what the server has is asked once a session",
        "disable-compression": "small answers are asked for as they are, long lists compressed",
        "kuberc": "kubectl's own preferences; the magics have none",
        "match-server-version": "%kversion says both versions",
        "profile": "it is about kubectl's own speed",
        "profile-output": "it is about kubectl's own speed",
        "version": "%kversion says it",
        "vmodule": "it is about kubectl's own log",
        "log-flush-frequency": "it is about kubectl's own log",
    }
)


def reason_for_verb(*words: str) -> str:
    """The reason why a verb of kubectl's is not here; "" where there is none."""
    for count in range(len(words), 0, -1):
        if (reason := LEFT_OUT_VERBS.get(" ".join(words[:count]))) is not None:
            return reason
    return ""


def reason_for_flag(verb: str, name: str) -> str:
    """The reason why a flag of kubectl's is not here; "" where there is none."""
    return LEFT_OUT_FLAGS.get(f"{verb} --{name}", LEFT_OUT_FLAGS.get(name, ""))
