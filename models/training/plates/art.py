"""
Draws license plates: one and two rows, many colours and scripts, bands, frames, captions, dirt.
"""
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

LATIN, DIGITS = "ABCDEFGHJKLMNPRSTUVWXYZ", "0123456789"
SCRIPTS = [LATIN] * 8 + ["АВЕКМНОРСТУХ", "ابحدرسصطعفقكلمنهوى", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"]
PATTERNS = ["LLDDDLL", "LDDDLLDD", "DDDLLL", "LLLDDDD", "LLDDLLL", "DDDDDD", "LDDDDDD", "LDDLLL"]
WHITE, BLACK = (245, 245, 245), (15, 15, 20)
# Ground and letters. The dark ones with pale letters are what the first edition missed most.
DARK = [((20, 20, 20), (235, 235, 235)), ((10, 10, 12), (190, 190, 195)), ((35, 35, 40), (220, 220, 210)),
        ((25, 25, 60), (230, 230, 235)), ((15, 30, 20), (225, 225, 215)), ((28, 22, 20), (240, 200, 60))]
COLOURS = [(WHITE, BLACK)] * 8 + [((250, 210, 40), (10, 10, 10))] * 3 + DARK + [
    ((20, 60, 160), (250, 250, 250)), ((15, 110, 60), (250, 250, 250)), ((190, 20, 30), (250, 250, 250)),
    ((200, 205, 210), (20, 30, 40)), ((240, 240, 235), (20, 60, 140)), ((240, 245, 240), (10, 110, 60)),
    ((235, 235, 240), (180, 20, 30)), ((170, 220, 170), (10, 10, 10)), ((240, 140, 40), (20, 20, 60)),
    ((170, 205, 240), (20, 30, 90))]
BANDS = [(20, 60, 170), (20, 60, 170), (200, 30, 30), (10, 10, 10)]
HEADS = [(30, 110, 210), (20, 60, 170), (210, 110, 30), (190, 30, 30), (20, 120, 60)]
# Found by name in the system's font folders (Debian: fonts-dejavu-core, fonts-dejavu-extra,
# fonts-liberation).
FONTS = ["DejaVuSans-Bold", "DejaVuSans", "DejaVuSansCondensed-Bold", "DejaVuSansMono-Bold", "LiberationSans-Bold",
         "LiberationSansNarrow-Bold"]
HEIGHT = 96


class Artist:
    """Draws plates with the fonts that are installed."""

    def __init__(self):
        self.fonts = {name: font for name in FONTS if (font := _font(name))}
        if not self.fonts:
            raise FileNotFoundError("no font found: apt-get install fonts-dejavu-core fonts-dejavu-extra fonts-liberation")

    def draw(self, rng):
        """A plate, uint8 [HEIGHT or more, W, 3]."""
        kind = _pick(rng, ["long"] * 4 + ["us"] * 3 + ["two"] * 4)
        aspect = rng.uniform(*{"long": (3.2, 5.2), "us": (1.8, 2.2), "two": (1.05, 2.0)}[kind])
        width = int(HEIGHT * aspect)
        ground, letters = _pick(rng, COLOURS)
        script = _pick(rng, SCRIPTS)
        # Other scripts are in DejaVu only.
        able = [n for n in self.fonts if script == LATIN or ("DejaVuSans" in n and "Mono" not in n)] or list(self.fonts)
        font = self.fonts[_pick(rng, able)]
        image = Image.new("RGB", (width, HEIGHT), ground)
        pen = Pen(rng, image, font, script, letters)
        getattr(pen, kind)()
        # Dark plates often have no border at all.
        if rng.random() < (0.6 if sum(ground) > 200 else 0.3):
            colour = _pick(rng, [letters, (10, 10, 10), (120, 120, 120)])
            ImageDraw.Draw(image).rectangle([0, 0, width - 1, HEIGHT - 1], outline=colour, width=int(rng.integers(1, 5)))
        return worn(rng, np.array(image))


class Pen:
    """Writes the rows of one plate."""

    def __init__(self, rng, image, font, script, colour):
        self.rng, self.image, self.font, self.script, self.colour = rng, image, font, script, colour
        self.width, self.height = image.size

    def text(self, letters, count, box, colour=None):
        """
        A word of a plate stretched into box (fractions of the plate), as plates use narrow and wide
        letters.
        """
        x0, y0, x1, y1 = (int(v * s) for v, s in zip(box, (self.width, self.height) * 2))
        if x1 - x0 < 4 or y1 - y0 < 4:
            return
        text = word(self.rng, letters, count)
        left, top, right, bottom = self.font.getbbox(text)
        mask = Image.new("L", (max(1, right - left), max(1, bottom - top)))
        ImageDraw.Draw(mask).text((-left, -top), text, 255, font=self.font)
        natural = (y1 - y0) * mask.width / mask.height * self.rng.uniform(0.7, 1.15)
        width = max(1, min(x1 - x0, int(natural)))
        mask = mask.resize((width, y1 - y0), Image.BILINEAR)
        self.image.paste(colour or self.colour, (x0 + (x1 - x0 - width) // 2, y0), mask)

    def fill(self, box, colour):
        """A coloured part of the plate."""
        scale = (self.width, self.height) * 2
        ImageDraw.Draw(self.image).rectangle([v * s for v, s in zip(box, scale)], fill=colour)

    def long(self):
        """One row, often behind a country's band."""
        r, x0 = self.rng, 0.04
        if r.random() < 0.6:
            self.fill((0, 0, 0.09, 1), _pick(r, BANDS))
            self.text(LATIN, 1, (0.02, 0.6, 0.07, 0.85), (250, 250, 250))
            x0 = 0.11
        self.text(self.script, int(r.integers(5, 9)), (x0, r.uniform(0.12, 0.22), 0.96, r.uniform(0.8, 0.9)))

    def us(self):
        """A caption above, one row, often a caption below."""
        r = self.rng
        top = r.uniform(0.2, 0.32)
        self.text(LATIN, int(r.integers(5, 10)), (0.2, 0.05, 0.8, top - 0.04), _pick(r, [self.colour, (180, 30, 30)]))
        self.text(LATIN, int(r.integers(5, 8)), (0.06, top, 0.94, r.uniform(0.75, 0.85)))
        if r.random() < 0.6:
            self.text(LATIN, 9, (0.25, 0.87, 0.75, 0.97))

    def two(self):
        """Two rows, as on motorcycles and lorries, some with a coloured head."""
        r = self.rng
        cut = r.uniform(0.35, 0.52)
        if r.random() < 0.3:
            cut = r.uniform(0.3, 0.42)
            self.fill((0, 0, 1, cut), _pick(r, HEADS))
            self.text(self.script, int(r.integers(3, 7)), (0.1, 0.06, 0.9, cut - 0.06), _pick(r, [(250,) * 3, (10,) * 3]))
        else:
            self.text(self.script, int(r.integers(2, 5)), (0.12, 0.08, 0.88, cut - 0.03))
        self.text(DIGITS + self.script, int(r.integers(3, 6)), (0.06, cut + 0.03, 0.94, 0.93))


def word(rng, letters, count):
    """
    A number as plates have it: letters and digits by a pattern, sometimes parted by a space or a
    dash.
    """
    pattern = _pick(rng, PATTERNS)
    text = "".join(_pick(rng, letters if c == "L" else DIGITS) for c in pattern)[:count]
    if len(text) > 4 and rng.random() < 0.6:
        at = int(rng.integers(2, len(text) - 1))
        text = text[:at] + _pick(rng, [" ", "-", " ", "·"]) + text[at:]
    return text


def worn(rng, plate):
    """A dealer's frame, uneven light and dirt."""
    if rng.random() < 0.3:
        top, bottom, left, right = (int(v) for v in rng.integers(2, 15, 4))
        colour = _pick(rng, [(15, 15, 15), (150, 150, 150), (60, 60, 60)])
        plate = cv2.copyMakeBorder(plate, top, bottom, left, right, cv2.BORDER_CONSTANT, value=colour)
    if rng.random() < 0.5:
        light = rng.uniform(0.6, 1.15, (3, 4)).astype(np.float32)
        light = cv2.resize(light, (plate.shape[1], plate.shape[0]), interpolation=cv2.INTER_CUBIC)[..., None]
        plate = (plate * light).clip(0, 255).astype(np.uint8)
    return plate


def _font(name):
    try:
        return ImageFont.truetype(name + ".ttf", 64)
    except OSError:
        return None


def _pick(rng, choices):
    return choices[int(rng.integers(len(choices)))]
