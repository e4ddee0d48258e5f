"""The colours, sizes and typefaces that every live view and every card share, as CSS custom properties.

Surface and text are the notebook theme's own where it says them (JupyterLab, Notebook 7, VS Code), with fallbacks for a
page without a theme. The colours of levels are ours: any two of them differ also for eyes without one kind of cone, and
each is readable on each surface; beside a colour there is always an icon and a word. More contrast is given where the
theme or the system asks for it.
"""

from __future__ import annotations

__all__ = ("DARK", "LEVELS", "LIGHT", "TOKENS")

LEVELS = ("ok", "warn", "bad", "busy")
LIGHT = {"ok": "#08756a", "warn": "#7d6500", "bad": "#98002e", "busy": "#0b4fc0"}
DARK = {"ok": "#45dcc4", "warn": "#ffdc70", "bad": "#f98080", "busy": "#85a9ff"}


def _colours(levels: dict[str, str]) -> str:
    return "".join(f"--km-{name}:{levels[name]};" for name in LEVELS)


_ALL = ":is(.kmg,.km)"
_DARK_THEMES = ':is([data-jp-theme-light="false"],.vscode-dark,.vscode-high-contrast,html[theme="dark"],.dark-theme)'
_CONTRAST_THEMES = ':is([data-jp-theme-name*="High Contrast"],.vscode-high-contrast)'
_MORE = "--km-dim:var(--km-fg);--km-line:var(--km-fg);--km-hover:transparent;"

TOKENS = f"""{_ALL}{{--km-fg0:#1f2328;--km-bg0:#fff;--km-line0:#d8dee4;--km-dim:#57606a;\
{_colours(LIGHT)}--km-flash:#ffe9a8;--km-fg:var(--jp-ui-font-color1,var(--vscode-foreground,var(--km-fg0)));\
--km-bg:var(--jp-layout-color1,var(--vscode-editor-background,var(--km-bg0)));\
--km-soft:color-mix(in srgb,var(--km-fg) 5%,var(--km-bg));\
--km-line:var(--jp-border-color2,var(--vscode-panel-border,var(--km-line0)));--km-accent:var(--km-busy);\
--km-hover:color-mix(in srgb,var(--km-accent) 7%,var(--km-bg));--km-pick:color-mix(in srgb,var(--km-accent) 12%,var(--km-bg));\
--km-font:var(--jp-ui-font-family,var(--vscode-font-family,system-ui,sans-serif));\
--km-code:var(--jp-code-font-family,var(--vscode-editor-font-family,ui-monospace,monospace))}}
{_DARK_THEMES} {_ALL}{{--km-fg0:#e6e9ec;--km-bg0:#16181b;--km-line0:#3a4047;--km-dim:#b3bcc6;\
{_colours(DARK)}--km-flash:#5b4a12}}
@media (prefers-contrast:more){{{_ALL}{{{_MORE}}}}}
{_CONTRAST_THEMES} {_ALL}{{{_MORE}}}
@media (forced-colors:active){{{_ALL}{{--km-line:CanvasText;--km-accent:Highlight;--km-flash:Mark}}}}
"""
