"""Colours as people see them: contrast, and how far apart two are under a colour deficiency."""

import re

# What people see who lack one kind of cone: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of
# Color Vision Deficiency", 2009, for linear light and the full severity. Those without cones see luminance alone.
SIMULATED = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
    "achromatopsia": ((0.2126, 0.7152, 0.0722),) * 3,
}


def parsed(colour):
    """Red, green, blue from 0 to 1, and the opacity, of `rgb(r, g, b)` or `rgba(r, g, b, a)`."""
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour[colour.index("(") :])]
    return tuple(number / 255 for number in numbers[:3]), numbers[3] if len(numbers) > 3 else 1.0


def over(colours):
    """The colours of some backgrounds, the outermost last, as one."""
    red, green, blue = 1.0, 1.0, 1.0
    for colour in reversed(colours):
        (r, g, b), a = parsed(colour)
        red, green, blue = r * a + red * (1 - a), g * a + green * (1 - a), b * a + blue * (1 - a)
    return red, green, blue


def linear(rgb):
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)


def luminance(rgb):
    """Relative luminance: WCAG 2.1."""
    return sum(weight * channel for weight, channel in zip((0.2126, 0.7152, 0.0722), linear(rgb)))


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def seen(rgb, deficiency):
    """A colour as somebody sees it with this deficiency, in CIELAB."""
    light = linear(rgb)
    light = [min(max(sum(m * c for m, c in zip(row, light)), 0.0), 1.0) for row in SIMULATED[deficiency]]
    xyz = [
        (0.4124 * light[0] + 0.3576 * light[1] + 0.1805 * light[2]) / 0.9505,
        0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2],
        (0.0193 * light[0] + 0.1192 * light[1] + 0.9505 * light[2]) / 1.089,
    ]
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one, other, deficiency):
    """How far apart two colours look: CIE76. 2.3 is just noticed side by side."""
    return sum((a - b) ** 2 for a, b in zip(seen(one, deficiency), seen(other, deficiency))) ** 0.5
