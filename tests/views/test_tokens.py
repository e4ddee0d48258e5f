"""The colours of levels: readable on every surface, and different for every eye."""

from __future__ import annotations

import re
from itertools import combinations, product

import pytest

from kmagic.views.tokens import DARK, LEVELS, LIGHT, TOKENS

# Machado, Oliveira, Fernandes 2009, severity 1.0, for linear sRGB.
EYES = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
PALETTES = {"light": LIGHT, "dark": DARK}
# The backgrounds and the text of JupyterLab's themes.
THEMES = {"light": ("#ffffff", "#212121"), "dark": ("#212121", "#ffffff")}
Triple = tuple[float, float, float]


def linear(colour: str) -> Triple:
    def one(at: int) -> float:
        value = int(colour[at : at + 2], 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return one(1), one(3), one(5)


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(over: str, under: str, share: float) -> str:
    pairs = ((int(over[at : at + 2], 16), int(under[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one * share + other * (1 - share)):02x}" for one, other in pairs)


def lab(colour: str, eye: str) -> Triple:
    values = linear(colour)
    seen = [min(1.0, max(0.0, sum(a * b for a, b in zip(row, values, strict=True)))) for row in EYES[eye]]
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    x, y, z = (sum(a * b for a, b in zip(row, seen, strict=True)) / top for row, top in zip(rows, white, strict=True))

    def root(t: float) -> float:
        return t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116

    return 116 * root(y) - 16, 500 * (root(x) - root(y)), 200 * (root(y) - root(z))


@pytest.mark.parametrize(("theme", "level"), list(product(PALETTES, LEVELS)))
def test_a_level_is_readable_on_each_surface(theme: str, level: str) -> None:
    ground, text = THEMES[theme]
    accent = PALETTES[theme]["busy"]
    for over, share in re.findall(r"color-mix\(in srgb,var\(--km-(fg|accent)\) (\d+)%,var\(--km-bg\)\)", TOKENS):
        surface = mixed(text if over == "fg" else accent, ground, int(share) / 100)
        assert contrast(PALETTES[theme][level], surface) >= 4.5, (over, share)
    assert contrast(PALETTES[theme][level], ground) >= 4.5


@pytest.mark.parametrize(("theme", "eye"), list(product(PALETTES, EYES)))
def test_two_levels_differ_for_every_eye(theme: str, eye: str) -> None:
    for one, other in combinations(LEVELS, 2):
        pair = [lab(PALETTES[theme][name], eye) for name in (one, other)]
        difference = sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5
        assert difference >= 15, (one, other)


def test_every_token_has_a_value_in_both_themes_and_more_contrast_where_it_is_asked_for() -> None:
    used = set(re.findall(r"var\((--km-[\w-]+)", TOKENS))
    assert used <= set(re.findall(r"(--km-[\w-]+):", TOKENS))
    for asked in ("prefers-contrast:more", "forced-colors:active", "High Contrast", "vscode-high-contrast"):
        assert asked in TOKENS
