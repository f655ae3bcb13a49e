"""Writes the pictures beside it, and pillow.json: the SHA-256 of the RGB bytes that Pillow reads from each.

Run with Pillow 13.0 and numpy: python make_hard.py. A 31x23 picture with noise and an edge, in every JPEG subsampling
and in the PNG, GIF and BMP forms that decoders disagree about. White stands behind transparent pixels.
"""
import hashlib
import io
import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).parent
W, H = 31, 23
found = {}
random = np.random.default_rng(5)


def motif(width=W, height=H):
    r = np.random.default_rng(width)
    y, x = np.mgrid[0:height, 0:width]
    a = np.stack([127 + 120 * np.sin(x / 9), 127 + 120 * np.cos(y / 7), 127 + 120 * np.sin((x + y) / 11)], -1)
    a[height // 3:height // 2, width // 4:width // 2] = [250, 10, 30]
    return (a + r.normal(0, 5, a.shape)).clip(0, 255).astype(np.uint8)


def write(name, data):
    (HERE / name).write_bytes(data)
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    rgba = np.asarray(image.convert("RGBA")).astype(float)
    alpha = rgba[..., 3:] / 255
    rgb = np.floor(rgba[..., :3] * alpha + 255 * (1 - alpha) + 0.5).astype(np.uint8)
    found[name] = hashlib.sha256(rgb.tobytes()).hexdigest()


def save(name, image, **options):
    out = io.BytesIO()
    image.save(out, {"jpg": "JPEG", "bmp": "BMP", "gif": "GIF", "png": "PNG"}[name.rsplit(".", 1)[1]], **options)
    write(name, out.getvalue())


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, width, depth, colour_type, rows, *extra):
    header = struct.pack(">IIBBBBB", width, len(rows), depth, colour_type, 0, 0, 0)
    write(name, b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(extra)
          + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 9)) + chunk(b"IEND", b""))


a = motif()
image = Image.fromarray(a)
grey = image.convert("L")
for quality in (30, 95):
    for subsampling in (0, 1, 2):
        save(f"q{quality}s{subsampling}.jpg", image, quality=quality, subsampling=subsampling)
save("progressive.jpg", image, progressive=True)
save("grey.jpg", grey)
save("cmyk.jpg", image.convert("CMYK"), quality=95)
save("rgb.jpg", image, quality=95, keep_rgb=True)
save("odd.jpg", Image.fromarray(motif(17, 33)))
save("pixel.jpg", Image.fromarray(motif(1, 1)))
alpha = random.integers(0, 256, (H, W)).astype(np.uint8)
save("rgba.png", Image.fromarray(np.dstack([a, alpha])))
save("grey_alpha.png", Image.merge("LA", [grey, Image.fromarray(alpha)]))
save("bits.png", image.convert("1"))
palette = image.quantize(20)
save("palette.png", palette)
save("palette_one.png", palette, transparency=3)
save("palette_many.png", palette, transparency=bytes(range(0, 200, 10)))
save("key.png", image, transparency=tuple(int(v) for v in a[11, 9]))
save("grey_key.png", grey, transparency=int(np.asarray(grey)[5, 5]))
rows = [row.tobytes() for row in a]
gamma = chunk(b"gAMA", struct.pack(">I", 100000))
png("gamma.png", W, 8, 2, rows, gamma)
png("grey_gamma.png", W, 8, 0, [row.tobytes() for row in np.asarray(grey)], gamma)
png("primaries.png", W, 8, 2, rows, chunk(b"gAMA", struct.pack(">I", 45455)),
    chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)))
png("significant.png", W, 8, 2, rows, chunk(b"sBIT", b"\5\6\5"))
png("background.png", W, 8, 6, [row.tobytes() for row in np.dstack([a, alpha])], chunk(b"bKGD", struct.pack(">3H", 0, 255, 0)))
two = random.integers(0, 4, (H, 32))
png("grey2.png", 32, 2, 0, [bytes(sum(int(r[i + k]) << (6 - 2 * k) for k in range(4)) for i in range(0, 32, 4)) for r in two])
four = random.integers(0, 16, (H, 32))
png("grey4.png", 32, 4, 0, [bytes((int(r[i]) << 4) | int(r[i + 1]) for i in range(0, 32, 2)) for r in four])
for kind in ("bmp", "gif"):
    save(f"palette.{kind}", palette)
save("key.gif", palette, transparency=2)
save("colour.bmp", image)
save("grey.bmp", grey)
(HERE / "pillow.json").write_text(json.dumps(found, indent=1) + "\n")
print(len(found), "pictures")
