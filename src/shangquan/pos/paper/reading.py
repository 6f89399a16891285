"""Reads printer bytes back as what stands on the paper. Knows the commands that `writing` emits; others are an error."""

from dataclasses import dataclass
from typing import Literal

from PIL import Image


@dataclass(frozen=True, slots=True)
class Block:
    """One thing on the paper from top to bottom: a text line, a code, a picture, or the cut."""

    kind: Literal["text", "qr", "picture", "cut"]
    text: str = ""
    align: Literal["left", "center", "right"] = "left"
    bold: bool = False
    scale: int = 1
    picture: Image.Image | None = None


@dataclass(slots=True)
class _State:
    align: Literal["left", "center", "right"] = "left"
    bold: bool = False
    scale: int = 1
    module: int = 3
    code: bytes = b""


class Unreadable(ValueError):
    """A byte sequence that this reader does not know."""


def read(content: bytes) -> list[Block]:
    """The blocks of a receipt. Raises Unreadable for a command that is not ours."""
    at, state, line, blocks = 0, _State(), bytearray(), list[Block]()
    while at < len(content):
        byte = content[at : at + 1]
        if byte in (b"\x1b", b"\x1c", b"\x1d"):
            at = _command(content, at, state, blocks)
        elif byte == b"\n":
            blocks.append(Block("text", line.decode("gb18030"), state.align, state.bold, state.scale))
            line.clear()
            at += 1
        else:
            line += byte
            at += 1
    return blocks


_ALIGN: tuple[Literal["left", "center", "right"], ...] = ("left", "center", "right")


def _command(content: bytes, at: int, state: _State, blocks: list[Block]) -> int:
    head, value = content[at : at + 2], content[at + 2 : at + 3]
    if head == b"\x1b@":
        state.align, state.bold, state.scale = "left", False, 1
        return at + 2
    if head == b"\x1c&":
        return at + 2
    if not value:
        raise Unreadable(f"{head!r} at {at} is cut off")
    if head == b"\x1ba":
        state.align = _ALIGN[value[0] % 48]
    elif head == b"\x1bE":
        state.bold = bool(value[0] & 1)
    elif head == b"\x1d!":
        state.scale = (value[0] & 7) + 1
    elif head == b"\x1bd":
        blocks += [Block("text")] * value[0]
    elif head == b"\x1dV":
        blocks.append(Block("cut"))
    elif head == b"\x1d(" and value == b"k":
        return _code(content, at, state, blocks)
    elif head == b"\x1dv" and value == b"0":
        return _raster(content, at, state, blocks)
    else:
        raise Unreadable(f"{content[at : at + 4]!r} at {at}")
    return at + 3


def _code(content: bytes, at: int, state: _State, blocks: list[Block]) -> int:
    """GS ( k pL pH cn fn …: 67 module size, 80 store, 81 print."""
    length = content[at + 3] + 256 * content[at + 4]
    body = content[at + 5 : at + 5 + length]
    if body[1] == 67:
        state.module = body[2]
    elif body[1] == 80:
        state.code = body[3:]
    elif body[1] == 81:
        blocks.append(Block("qr", state.code.decode(), state.align, scale=state.module))
    return at + 5 + length


def _raster(content: bytes, at: int, state: _State, blocks: list[Block]) -> int:
    """GS v 0 m xL xH yL yH d…: rows of bytes, the high bit left, 1 is black."""
    wide = content[at + 4] + 256 * content[at + 5]
    high = content[at + 6] + 256 * content[at + 7]
    data = content[at + 8 : at + 8 + wide * high]
    picture = Image.frombytes("1", (wide * 8, high), bytes(255 - byte for byte in data))
    blocks.append(Block("picture", align=state.align, picture=picture))
    return at + 8 + wide * high
