"""Writes the videos beside it, with PyAV: one motif under every colour tag, rotation and edit list that cameras and programs write.

Run with numpy, Pillow and av: python make_videos.py. The motif is a board of 4x3 flat squares of 16 pixels, so that neither
chroma subsampling nor lossless coding changes it; the square at the top left is grey and 20 levels brighter in each
frame. Y'CbCr is computed here from the definitions (ITU-T H.273), not by FFmpeg; VideoTagsTest knows the motif. Files without a tag are what FFmpeg makes of RGB when nobody asks: BT.601, limited range.
"""
import os, struct
import av
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
COLOURS = [[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [0, 255, 255],
           [224, 172, 140], [90, 60, 40], [30, 90, 200], [120, 200, 60], [128, 128, 128]]
KR_KB = {"bt709": (0.2126, 0.0722), "bt601": (0.299, 0.114), "bt2020": (0.2627, 0.0593), "smpte240m": (0.212, 0.087),
         "fcc": (0.30, 0.11)}
SPACE = {"bt709": 1, "fcc": 4, "bt470bg": 5, "bt601": 6, "smpte240m": 7, "ycgco": 8, "bt2020": 9}


def board(frame):
    """The motif as float RGB, 0..1."""
    rgb = np.zeros((48, 64, 3))
    for i, colour in enumerate(COLOURS):
        y, x = i // 4 * 16, i % 4 * 16
        rgb[y:y + 16, x:x + 16] = np.array(colour) / 255
    rgb[:16, :16] = 20 * frame / 255
    return rgb


def planes(rgb, matrix, full, bits=8):
    kr, kb = KR_KB[matrix]
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    y = kr * r + (1 - kr - kb) * g + kb * b
    cb, cr = (b - y) / (2 * (1 - kb)), (r - y) / (2 * (1 - kr))
    one = 1 << (bits - 8)
    scale = (255, 255, 0) if full else (219, 224, 16)
    top = (256 << (bits - 8)) - 1
    place = lambda v, k, offset: np.clip(np.rint((v * k + offset) * one), 0, top).astype(np.uint8 if bits == 8 else np.uint16)
    if full and bits > 8:
        raise ValueError("not needed")
    return place(y, scale[0], scale[2]), place(cb, scale[1], 128), place(cr, scale[1], 128)


def frame_of(parts, pixel_format):
    y, cb, cr = parts
    if "420" in pixel_format:
        cb, cr = cb[::2, ::2], cr[::2, ::2]
    frame = av.VideoFrame(y.shape[1], y.shape[0], pixel_format)
    for plane, values in zip(frame.planes, (y, cb, cr)):
        row = np.zeros((plane.height, plane.line_size // values.itemsize), values.dtype)
        row[:, :values.shape[1]] = values
        plane.update(row.tobytes())
    return frame


def encode(name, frames, codec, options, pixel_format, matrix=2, full=None, transfer=2, primaries=2, size=(64, 48), gop=12):
    path = os.path.join(HERE, name)
    with av.open(path, "w", options={"fflags": "+bitexact"}) as out:
        stream = out.add_stream(codec, rate=16)
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        stream.gop_size = gop
        context = stream.codec_context
        context.options = {"flags": "+bitexact", **options}
        context.thread_count = 1
        context.colorspace, context.color_trc, context.color_primaries = matrix, transfer, primaries
        if full is not None:
            context.color_range = 2 if full else 1
        for i, frame in enumerate(frames):
            frame.pts = i
            for field, value in (("colorspace", matrix), ("color_trc", transfer), ("color_primaries", primaries)):
                setattr(frame, field, value)
            if full is not None:
                frame.color_range = 2 if full else 1
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


X264 = ("libx264", {"qp": "0", "preset": "ultrafast", "bf": "0"})
VP9 = ("libvpx-vp9", {"lossless": "1"})
X265 = ("libx265", {"x265-params": "lossless=1:log-level=none:info=0:pools=none:frame-threads=1"})
SRGB = [[20 * t] * 3 for t in range(3)]


def tagged(name, coder, matrix, tag, full, pixel_format="yuv420p", transfer=1, primaries=1, said=True):
    codec, options = coder
    frames = [frame_of(planes(board(t), matrix, full), pixel_format) for t in range(3)]
    encode(name, frames, codec, options, pixel_format, matrix=tag, full=full if said else None,
           transfer=transfer if said else 2, primaries=primaries if said else 2)


def boxes(data, start, end):
    while start + 8 <= end:
        size, kind = struct.unpack(">I4s", data[start:start + 8])
        yield kind, start, size
        start += size


def find(data, *path):
    start, end = 0, len(data)
    for kind in path:
        start, size = next((s, n) for k, s, n in boxes(data, start, end) if k == kind)
        start, end = start + 8, start + size
    return start


def patched(source, name, *changes):
    """A copy whose track header or edit list says something else."""
    with open(os.path.join(HERE, source), "rb") as f:
        data = bytearray(f.read())
    for at, values in changes:
        data[at(data):at(data) + len(values)] = values
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data)


def matrix_box(a, b, c, d):
    at = lambda data: find(data, b"moov", b"trak", b"tkhd") + 40
    return at, b"".join(struct.pack(">iii", *row) for row in ((a << 16, b << 16, 0), (c << 16, d << 16, 0), (0, 0, 1 << 30)))


def edit(first, count):
    """Shows count frames from the first on; the movie's clock has 1000 ticks a second, the track's 16384."""
    at = lambda data: find(data, b"moov", b"trak", b"edts", b"elst") + 8
    return at, struct.pack(">Ii", round(count * 1000 / 16), round(first * 16384 / 16))


# Matrix and range, in each codec and container.
tagged("h264_bt601.mp4", X264, "bt601", SPACE["bt601"], False)
tagged("h264_bt470bg.mp4", X264, "bt601", SPACE["bt470bg"], False)
tagged("h264_bt709.mp4", X264, "bt709", SPACE["bt709"], False)
tagged("h264_bt709_full.mp4", X264, "bt709", SPACE["bt709"], True)
tagged("h264_bt601_full.mp4", X264, "bt601", SPACE["bt601"], True)
tagged("h264_bt709_444.mp4", X264, "bt709", SPACE["bt709"], False, "yuv444p")
tagged("h264_fcc.mp4", X264, "fcc", SPACE["fcc"], False)
tagged("h264_smpte240m.mp4", X264, "smpte240m", SPACE["smpte240m"], False)
tagged("h264_bt2020.mp4", X264, "bt2020", SPACE["bt2020"], False)
tagged("h264_untagged.mp4", X264, "bt601", 2, False, said=False)
tagged("h264_ycgco.mp4", X264, "bt601", SPACE["ycgco"], False)
tagged("vp9_bt709.webm", VP9, "bt709", SPACE["bt709"], False)
tagged("vp9_bt709_full.webm", VP9, "bt709", SPACE["bt709"], True)
tagged("vp9_bt601_full.mp4", VP9, "bt601", SPACE["bt601"], True)
tagged("hevc_bt709.mp4", X265, "bt709", SPACE["bt709"], False)
tagged("hevc_bt709_full.mkv", X265, "bt709", SPACE["bt709"], True)


# Transfer: high dynamic range is BT.2020 with PQ or HLG (ITU-R BT.2100), ten bits.
def pq(nits):
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 4096 * 128, 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    y = (np.asarray(nits) / 10000) ** m1
    return ((c1 + c2 * y) / (1 + c3 * y)) ** m2


def hlg(scene):
    scene = np.asarray(scene, float)
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), a * np.log(np.maximum(12 * scene - b, 1e-9)) + c)


def linear_light():
    """Twelve lights in BT.2020, relative to white at 203 nits (ITU-R BT.2408)."""
    srgb = np.array(COLOURS) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


# Linear BT.709 to linear BT.2020 (ITU-R BT.2087).
TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])


def hdr(name, transfer, encode_light):
    light = linear_light() @ TO_2020.T
    coded = encode_light(light)
    frames = []
    for t in range(3):
        rgb = np.zeros((48, 64, 3))
        for i in range(12):
            y, x = i // 4 * 16, i % 4 * 16
            rgb[y:y + 16, x:x + 16] = coded[i]
        frames.append(frame_of(planes(rgb, "bt2020", False, 10), "yuv420p10le"))
    encode(name, frames, *X265, "yuv420p10le", matrix=9, full=False, transfer=transfer, primaries=9)


hdr("hevc_pq.mp4", 16, lambda light: pq(np.maximum(light, 0) * 203))
# HLG's system gamma of 1.2 for 1000 nits, undone (BT.2100, note 5f): display light 203 nits for white.
def hlg_of(light):
    shown = np.maximum(light, 0) * 203 / 1000
    y = shown @ np.array([0.2627, 0.6780, 0.0593])
    return hlg(shown * np.where(y > 0, np.maximum(y, 1e-9) ** (1 / 1.2 - 1), 0)[:, None])
hdr("hevc_hlg.mp4", 18, hlg_of)

# Display P3 with sRGB's curve, as phones write it; the motif lies within BT.709.
TO_P3 = np.array([[0.8224620, 0.1775380, 0], [0.0331942, 0.9668058, 0], [0.0170826, 0.0723974, 0.9105199]])
light = np.clip(linear_light() @ TO_P3.T, 0, 1)
curve = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
p3 = np.zeros((48, 64, 3))
for i in range(12):
    p3[i // 4 * 16:i // 4 * 16 + 16, i % 4 * 16:i % 4 * 16 + 16] = curve[i]
encode("hevc_p3.mp4", [frame_of(planes(p3, "bt709", False, 10), "yuv420p10le") for t in range(3)], *X265, "yuv420p10le",
       matrix=1, full=False, transfer=13, primaries=12)

# Turned and mirrored: the track header's matrix. The stored frames are the motif as it is.
patched("h264_bt709.mp4", "turn90.mp4", matrix_box(0, 1, -1, 0))
patched("h264_bt709.mp4", "turn180.mp4", matrix_box(-1, 0, 0, -1))
patched("h264_bt709.mp4", "turn270.mp4", matrix_box(0, -1, 1, 0))
patched("h264_bt709.mp4", "mirrored.mp4", matrix_box(-1, 0, 0, 1))
patched("h264_bt709.mp4", "slanted.mp4", (lambda d: matrix_box(1, 0, 0, 1)[0](d),
        struct.pack(">iiiiiiiii", 46341, 46341, 0, -46341, 46341, 0, 0, 0, 1 << 30)))

# Twelve frames in one group of pictures, of which an edit list shows some.
long = [frame_of(planes(board(t), "bt709", False), "yuv420p") for t in range(12)]
encode("twelve.mp4", long, *X264, "yuv420p", matrix=1, full=False, transfer=1, primaries=1)
patched("twelve.mp4", "trimmed_start.mp4", edit(5, 7))
patched("twelve.mp4", "trimmed_end.mp4", edit(0, 8))
patched("twelve.mp4", "trimmed_both.mp4", edit(3, 6))


# Truncation and damage are made in the tests; here is something to damage: texture that moves, in several codecs.
rng = np.random.default_rng(1)
texture = (rng.integers(0, 255, (96, 256, 3)) // 4 + np.linspace(0, 180, 256)[None, :, None]).astype(np.uint8)
for name, codec, options in (
        ("moving_h264.mp4", "libx264", {"crf": "28", "bf": "2"}),
        ("moving_hevc.mp4", "libx265", {"crf": "34", "x265-params": "log-level=none:info=0:pools=none:frame-threads=1"}),
        ("moving_vp9.webm", "libvpx-vp9", {"crf": "45", "b": "0"}),
        ("moving_av1.mp4", "libsvtav1", {"crf": "50", "preset": "10"})):
    moving = [av.VideoFrame.from_ndarray(np.ascontiguousarray(texture[:, t * 4:t * 4 + 128]), format="rgb24").reformat(format="yuv420p")
              for t in range(12)]
    encode(name, moving, codec, options, "yuv420p", size=(128, 96))

# Tiny, and pictures that FFmpeg would take for videos.
encode("tiny.mp4", [frame_of(tuple(p[:8, :8] for p in planes(board(t), "bt709", False)), "yuv420p") for t in range(6)],
       *X264, "yuv420p", matrix=1, full=False, size=(8, 8))
from PIL import Image
pictures = [Image.fromarray(np.rint(board(t) * 255).astype(np.uint8)) for t in range(3)]
pictures[0].save(os.path.join(HERE, "still.png"))
pictures[0].save(os.path.join(HERE, "still.jpg"))
pictures[0].save(os.path.join(HERE, "still.webp"))
pictures[0].save(os.path.join(HERE, "still.gif"))
pictures[0].save(os.path.join(HERE, "moving.gif"), save_all=True, append_images=pictures[1:], duration=62)
