"""Writes the pictures beside it: one 32x24 motif in the layouts that cameras and programs produce.

Run with Pillow and numpy: python make_images.py. The tests know the motif:
red falls off to the right, green downwards, a white 8x6 block stands at the top left.
"""
import os, struct, zlib
import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
W, H = 32, 24
y, x = np.mgrid[0:H, 0:W]
rgb = np.stack([255 - x * 8, 255 - y * 10, np.full_like(x, 40)], -1).astype(np.uint8)
rgb[:6, :8] = 255
upright = Image.fromarray(rgb)


def path(name):
    return os.path.join(HERE, name)


def png16(name, samples, colour_type):
    """A 16-bit PNG, which Pillow cannot write in colour."""
    raw = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", W, H, 16, colour_type, 0, 0, 0)
    with open(path(name), "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


upright.save(path("plain.png"))
upright.save(path("lossless.webp"), lossless=True)
stored = {1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
          5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270}
for value, how in stored.items():
    exif = Image.Exif()
    exif[0x0112] = value
    (upright if how is None else upright.transpose(how)).save(path(f"exif{value}.jpg"), quality=95, subsampling=0, exif=exif)
upright.convert("CMYK").save(path("cmyk.jpg"), quality=95)
upright.convert("L").save(path("grey.png"))
wide = rgb.astype(np.uint16) * 257
png16("rgb16.png", wide.reshape(H, -1), 2)
png16("grey16.png", wide[..., 0], 0)
png16("rgba16.png", np.concatenate([wide, np.where(x < 16, 65535, 0)[..., None].astype(np.uint16)], -1).reshape(H, -1), 6)
alpha = np.concatenate([rgb, np.where(x < 16, 255, 0)[..., None].astype(np.uint8)], -1)
Image.fromarray(alpha, "RGBA").save(path("rgba.png"))
upright.quantize(16).save(path("palette.png"))
