"""Colours that can be read: contrast as WCAG 2.2 has it (§1.4.3), and the shades that have enough of it."""

WHITE, DARK = (255, 255, 255), (15, 18, 22)
# WCAG 2.2's least contrast for text (§1.4.3).
ENOUGH = 4.5

Colour = tuple[int, int, int]


def ink_on(ground: Colour) -> Colour:
    """White or dark, whichever is read better on `ground`."""
    return max((WHITE, DARK), key=lambda ink: contrast(ink, ground))


def readable(colour: Colour, ground: Colour, *, towards: Colour) -> Colour:
    """The shade nearest to `colour` that can be read on `ground`."""
    shades = (mix(colour, towards, step / 20) for step in range(21))
    return next((shade for shade in shades if contrast(shade, ground) >= ENOUGH), towards)


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2.2, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with so large a share (0 to 1) of `other`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def parse(digits: str) -> Colour:
    """The colour of six hexadecimal digits."""
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def written(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
