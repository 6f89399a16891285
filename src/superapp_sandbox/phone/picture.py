"""Reading a QR code (ISO/IEC 18004) from a picture that was drawn and not photographed.

For screenshots, printed files and pages: upright, square modules, dark on light. A photograph is for the phone page,
which has a reader for camera pictures. Errors are corrected by Reed-Solomon, as far as the code's level allows.
"""

import base64
import binascii
import io
from collections.abc import Callable, Iterator
from typing import Any, cast

from PIL import Image, UnidentifiedImageError
from segno import consts

from ..refusals import PhoneRefusal

Matrix = list[list[bool]]
LARGEST_SIDE = 6000

# -- finding the code -------------------------------------------------------------------------------------------------


def read_code(base64_image: str) -> str:
    """The text of the one QR code in the picture. Refuses PICTURE_UNREADABLE and changes nothing."""
    data = base64_image.partition(",")[2] if base64_image.startswith("data:") else base64_image
    try:
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as opened:
            if max(opened.size) > LARGEST_SIDE:
                raise ValueError("too large")
            dark = _dark(opened)
        return _text(_matrix(dark))
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, IndexError) as wrong:
        english = "No readable QR code in the picture (upright and drawn, not photographed)."
        raise PhoneRefusal("PICTURE_UNREADABLE", "图片里没有能识别的二维码", english) from wrong


def _dark(picture: Image.Image) -> Matrix:
    """True where the picture is dark; what is transparent is light."""
    flat = Image.new("RGBA", picture.size, "white")
    flat.alpha_composite(picture.convert("RGBA"))
    grey = flat.convert("L")
    width, height = grey.size
    pixels = grey.tobytes()
    return [[value < 128 for value in pixels[y * width : (y + 1) * width]] for y in range(height)]


def _runs(line: list[bool]) -> Iterator[tuple[int, int, bool]]:
    start = 0
    for x in range(1, len(line) + 1):
        if x == len(line) or line[x] != line[start]:
            yield start, x - start, line[start]
            start = x


def _finder_centres(line: list[bool]) -> Iterator[tuple[float, float]]:
    """Centre and module width of every 1:1:3:1:1 of dark and light in a line."""
    runs = list(_runs(line))
    for five in zip(runs, runs[1:], runs[2:], runs[3:], runs[4:], strict=False):
        module = sum(length for _, length, _ in five) / 7
        fits = all(abs(run[1] - module * want) <= module * 0.6 for run, want in zip(five, (1, 1, 3, 1, 1), strict=True))
        if five[0][2] and fits:
            yield five[2][0] + five[2][1] / 2, module


def _finders(dark: Matrix) -> list[tuple[float, float, float]]:
    """x, y and module of the finder patterns: rows that show the pattern, confirmed down the column."""
    found: list[tuple[float, float, float]] = []
    columns: dict[int, list[tuple[float, float]]] = {}
    for y, line in enumerate(dark):
        for x, module in _finder_centres(line):
            column = columns.setdefault(int(x), list(_finder_centres([row[int(x)] for row in dark])))
            near = [c for c, m in column if abs(c - y) <= module * 2 and abs(m - module) <= module * 0.4]
            known = any(abs(fx - x) < module * 3 and abs(fy - y) < module * 3 for fx, fy, _ in found)
            if near and not known:
                found.append((x, near[0], module))
    return found


def _matrix(dark: Matrix) -> Matrix:
    """The modules of the code, from three finder patterns that make a square corner."""
    found = _finders(dark)
    for corner in found:
        right = [f for f in found if abs(f[1] - corner[1]) < corner[2] * 2 and f[0] > corner[0] + corner[2] * 10]
        below = [f for f in found if abs(f[0] - corner[0]) < corner[2] * 2 and f[1] > corner[1] + corner[2] * 10]
        for r in right:
            for b in below:
                if abs((r[0] - corner[0]) - (b[1] - corner[1])) < corner[2] * 2:
                    return _sample(dark, corner, r, b)
    raise ValueError("no three finder patterns")


def _sample(
    dark: Matrix, corner: tuple[float, float, float], right: tuple[float, ...], below: tuple[float, ...]
) -> Matrix:
    across = (right[0] - corner[0]) / corner[2]
    size = round((across + 7 - 17) / 4) * 4 + 17
    step_x, step_y = (right[0] - corner[0]) / (size - 7), (below[1] - corner[1]) / (size - 7)
    left, top = corner[0] - 3 * step_x, corner[1] - 3 * step_y  # the centre of the first module
    return [[dark[int(top + y * step_y)][int(left + x * step_x)] for x in range(size)] for y in range(size)]


# -- reading the code -------------------------------------------------------------------------------------------------

_MASKS: tuple[Callable[[int, int], int], ...] = (
    lambda y, x: (y + x) % 2,
    lambda y, x: y % 2,
    lambda y, x: x % 3,
    lambda y, x: (y + x) % 3,
    lambda y, x: (y // 2 + x // 3) % 2,
    lambda y, x: y * x % 2 + y * x % 3,
    lambda y, x: (y * x % 2 + y * x % 3) % 2,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2,
)
_LEVELS = {1: consts.ERROR_LEVEL_L, 0: consts.ERROR_LEVEL_M, 3: consts.ERROR_LEVEL_Q, 2: consts.ERROR_LEVEL_H}
_ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def _text(matrix: Matrix) -> str:
    version = (len(matrix) - 17) // 4
    if not 1 <= version <= 40:
        raise ValueError("size")
    level, mask = _format(matrix)
    words = _codewords(matrix, version, mask)
    return _decode(_blocks(words, version, _LEVELS[level]), version)


def _format(matrix: Matrix) -> tuple[int, int]:
    """Error level and mask: the nearest of the 32 possible format words."""
    cells = [(8, x) for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [(y, 8) for y in (7, 5, 4, 3, 2, 1, 0)]
    read = int("".join("1" if matrix[y][x] else "0" for y, x in cells), 2)
    number, away = min(((n, (_format_word(n) ^ read).bit_count()) for n in range(32)), key=lambda pair: pair[1])
    if away > 3:
        raise ValueError("format")
    return number >> 3, number & 7


def _format_word(number: int) -> int:
    rest = number << 10
    for shift in range(4, -1, -1):
        if rest & (1 << (shift + 10)):
            rest ^= 0x537 << shift
    return (number << 10 | rest) ^ 0x5412


def _alignment_centres(version: int) -> list[int]:
    if version == 1:
        return []
    count, last = version // 7 + 2, version * 4 + 10
    step = 26 if version == 32 else -(-(last - 6) // (2 * (count - 1))) * 2
    return [6, *sorted(last - n * step for n in range(count - 1))]


def _reserved(version: int) -> list[list[bool]]:
    """Where no data stands: finders, timing, alignment, format and version words."""
    size = version * 4 + 17
    taken = [[y == 6 or x == 6 for x in range(size)] for y in range(size)]

    def take(top: int, left: int, height: int, width: int) -> None:
        for y in range(top, top + height):
            for x in range(left, left + width):
                taken[y][x] = True

    take(0, 0, 9, 9)
    take(0, size - 8, 9, 8)
    take(size - 8, 0, 8, 9)
    if version >= 7:
        take(0, size - 11, 6, 3)
        take(size - 11, 0, 3, 6)
    centres = _alignment_centres(version)
    for y in centres:
        for x in centres:
            if not (y < 9 and (x < 9 or x > size - 10)) and not (x < 9 and y > size - 10):
                take(y - 2, x - 2, 5, 5)
    return taken


def _codewords(matrix: Matrix, version: int, mask: int) -> list[int]:
    """The bits up and down in pairs of columns from the right, unmasked, by eight."""
    size, taken, flips = len(matrix), _reserved(version), _MASKS[mask]
    bits: list[bool] = []
    upward, x = True, size - 1
    while x > 0:
        x -= x == 6
        for y in range(size - 1, -1, -1) if upward else range(size):
            for column in (x, x - 1):
                if not taken[y][column]:
                    bits.append(matrix[y][column] ^ (flips(y, column) == 0))
        upward, x = not upward, x - 2
    return [sum(bit << (7 - n) for n, bit in enumerate(bits[i : i + 8])) for i in range(0, len(bits) - 7, 8)]


def _blocks(words: list[int], version: int, level: int) -> list[int]:
    """The data words in order, each block corrected."""
    sizes = [
        (info.num_data, info.num_total - info.num_data)
        for info in cast(Any, consts.ECC)[version][level]
        for _ in range(info.num_blocks)
    ]
    blocks: list[list[int]] = [[] for _ in sizes]
    stream = iter(words)
    for n in range(max(data for data, _ in sizes)):
        for block, (data, _) in zip(blocks, sizes, strict=True):
            if n < data:
                block.append(next(stream))
    for _ in range(sizes[0][1]):
        for block in blocks:
            block.append(next(stream))
    return [
        word for block, (data, check) in zip(blocks, sizes, strict=True) for word in _corrected(block, check)[:data]
    ]


def _field() -> tuple[list[int], list[int]]:
    power, log, value = [0] * 512, [0] * 256, 1
    for n in range(255):
        power[n], log[value] = value, n
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    power[255:510] = power[:255]
    return power, log


_POWER, _LOG = _field()


def _times(a: int, b: int) -> int:
    return _POWER[_LOG[a] + _LOG[b]] if a and b else 0


def _at(polynomial: list[int], x: int) -> int:
    """Value of a polynomial, highest power first."""
    value = 0
    for factor in polynomial:
        value = _times(value, x) ^ factor
    return value


def _corrected(block: list[int], check: int) -> list[int]:
    """Reed-Solomon over GF(256): Berlekamp-Massey for the places, Forney for the values. ValueError beyond repair."""
    syndromes = [_at(block, _POWER[n]) for n in range(check)]
    if not any(syndromes):
        return block
    locator = _locator(syndromes)
    places = [n for n in range(len(block)) if _at(locator[::-1], _POWER[255 - n]) == 0]
    if len(places) != len(locator) - 1 or len(places) > check // 2:
        raise ValueError("too many errors")
    evaluator = [0] * check
    for i, s in enumerate(syndromes):
        for j, factor in enumerate(locator):
            if i + j < check:
                evaluator[i + j] ^= _times(s, factor)
    fixed = list(block)
    for n in places:
        inverse = _POWER[255 - n]
        slope = 0
        for power in range(1, len(locator), 2):
            slope ^= _times(locator[power], _POWER[(255 - n) * (power - 1) % 255])
        value = _times(_at(evaluator[::-1], inverse), _POWER[255 - _LOG[slope]])
        fixed[-1 - n] ^= _times(value, _POWER[n])
    if any(_at(fixed, _POWER[n]) for n in range(check)):
        raise ValueError("too many errors")
    return fixed


def _locator(syndromes: list[int]) -> list[int]:
    """Lowest power first."""
    current, before, length, gap, last = [1], [1], 0, 1, 1
    for n, syndrome in enumerate(syndromes):
        delta = syndrome
        for i in range(1, length + 1):
            delta ^= _times(current[i] if i < len(current) else 0, syndromes[n - i])
        if delta == 0:
            gap += 1
            continue
        factor = _times(delta, _POWER[255 - _LOG[last]])
        changed = current + [0] * max(0, len(before) + gap - len(current))
        for i, value in enumerate(before):
            changed[i + gap] ^= _times(factor, value)
        if 2 * length <= n:
            before, last, length, gap = current, delta, n + 1 - length, 1
        else:
            gap += 1
        current = changed
    while current[-1] == 0:
        current.pop()
    return current


def _decode(words: list[int], version: int) -> str:
    """Numeric, alphanumeric and byte segments; ECI heads are skipped, bytes are UTF-8."""
    bits = "".join(f"{word:08b}" for word in words)
    at, text = 0, ""

    def take(count: int) -> int:
        nonlocal at
        at += count
        return int(bits[at - count : at], 2)

    size = 0 if version < 10 else 1 if version < 27 else 2
    while at + 4 <= len(bits) and (mode := take(4)):
        if mode == 7:
            take(8)
        elif mode == 4:
            count = take((8, 16, 16)[size])
            text += bytes(take(8) for _ in range(count)).decode("utf-8", "replace")
        elif mode == 2:
            count = take((9, 11, 13)[size])
            for _ in range(count // 2):
                pair = take(11)
                text += _ALNUM[pair // 45] + _ALNUM[pair % 45]
            text += _ALNUM[take(6)] if count % 2 else ""
        elif mode == 1:
            count = take((10, 12, 14)[size])
            for _ in range(count // 3):
                text += f"{take(10):03d}"
            if rest := count % 3:
                text += f"{take((0, 4, 7)[rest]):0{rest}d}"
        else:
            raise ValueError("mode")
    return text
