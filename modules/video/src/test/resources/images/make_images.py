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


# WebP: what Pillow (libwebp) makes of each, laid over white, beside it as raw RGB.
def golden(name):
    image = Image.open(path(name))
    rgba = image.convert("RGBA")
    white = Image.new("RGB", rgba.size, (255, 255, 255))
    white.paste(rgba, mask=rgba.getchannel("A"))
    np.asarray(white).tofile(path(name + ".rgb"))


rng = np.random.default_rng(0)
yy, xx = np.mgrid[0:33, 0:45]
photo = np.stack([128 + 100 * np.sin(xx / 7) * np.cos(yy / 9), 128 + 90 * np.sin((xx + yy) / 5), (xx * 4 + yy) % 256], -1)
photo = Image.fromarray(np.clip(photo + rng.normal(0, 6, photo.shape), 0, 255).astype(np.uint8))
veil = photo.copy()
veil.putalpha(Image.fromarray(np.clip(xx * 8, 0, 255).astype(np.uint8)))
photo.save(path("lossy.webp"), quality=70)
photo.save(path("lossy_low.webp"), quality=5)
veil.save(path("lossy_alpha.webp"), quality=70)
veil.save(path("lossless_alpha.webp"), lossless=True, exact=True)
frames = [veil.transpose(Image.Transpose.FLIP_LEFT_RIGHT), photo.convert("RGBA")]
veil.save(path("animated.webp"), save_all=True, append_images=frames, duration=100, quality=70)
exif = Image.Exif()
exif[0x0112] = 6
photo.save(path("turned.webp"), quality=70, exif=exif)
for name in ("lossy.webp", "lossy_low.webp", "lossy_alpha.webp", "lossless_alpha.webp", "animated.webp"):
    golden(name)
turned = Image.open(path("turned.webp")).convert("RGB").transpose(Image.Transpose.ROTATE_270)
np.asarray(turned).tofile(path("turned.webp.rgb"))

# 16-bit samples whose low byte would round upwards. Pillow's grey ("I;16") is cut off at 255 instead: not followed.
deep = (np.arange(W * H, dtype=np.uint32).reshape(H, W) * 85 + 200) % 65536
png16("deep_rgb.png", np.repeat(deep[..., None], 3, -1).reshape(H, -1), 2)
png16("deep_rgba.png", np.concatenate([np.repeat(deep[..., None], 3, -1), np.where(xx[:H, :W] < 16, 65535, 30000)[..., None]], -1).reshape(H, -1), 6)
png16("deep_grey_alpha.png", np.stack([deep, np.where(xx[:H, :W] < 16, 65535, 30000)], -1).reshape(H, -1), 4)
for name in ("deep_rgb.png", "deep_rgba.png", "deep_grey_alpha.png"):
    golden(name)
