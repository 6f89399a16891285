"""Reading a code from a picture."""

from ..refusals import PhoneRefusal


def read_code(base64_png: str) -> str:
    raise PhoneRefusal("PICTURE_UNREADABLE", "图片里没有能识别的二维码", "No readable QR code in the picture.")
