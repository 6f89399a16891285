"""A picture for the foot of a receipt, drawn by us: a kite over roofs, one for each line of text."""

from hashlib import sha256
from io import BytesIO
from math import cos, pi, sin

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 384, 160


def drawing(line: str) -> bytes:
    """PNG, black on white. The same text gives the same picture."""
    dice = sha256(line.encode()).digest()
    picture = Image.new("1", (WIDTH, HEIGHT), 1)
    pen = ImageDraw.Draw(picture)
    left = 0
    for index in range(9):
        wide, tall = 30 + dice[index] % 26, 22 + dice[index + 9] % 34
        top = HEIGHT - tall
        pen.rectangle((left, top, left + wide, HEIGHT), outline=0, width=2)
        pen.polygon([(left - 3, top), (left + wide / 2, top - 16), (left + wide + 3, top)], outline=0, width=2)
        left += wide + 6
    x, y = 120 + dice[20] % 160, 40 + dice[21] % 20
    pen.polygon([(x, y - 30), (x + 22, y), (x, y + 34), (x - 22, y)], outline=0, width=3)
    pen.line([(x, y - 30), (x, y + 34)], fill=0, width=2)
    pen.line([(x - 22, y), (x + 22, y)], fill=0, width=2)
    tail = [(x + 10 * sin(step / 2), y + 34 + step * 6) for step in range(10)]
    pen.line(tail, fill=0, width=2)
    for spoke in range(8):
        angle = spoke * pi / 4
        pen.line(
            [(40 + 16 * cos(angle), 34 + 16 * sin(angle)), (40 + 26 * cos(angle), 34 + 26 * sin(angle))],
            fill=0,
            width=2,
        )
    pen.ellipse((28, 22, 52, 46), outline=0, width=3)
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
