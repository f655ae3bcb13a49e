"""VGGT (arXiv 2503.11651) in sizes of our own choice, for training. Names of tensors are the published ones.

Written after the paper and the published checkpoint's names; the Java that serves it is compared with the
original code (modules/geometry/src/test/fixtures), and this file with the Java (ship.py, --check).
"""

import functools
import math
import sys
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from replay import compile_once_a_shape  # noqa: E402

TINY = {
    "img_size": 112, "patch_size": 14, "embed_dim": 192, "num_heads": 3, "patch_embed_heads": 3,
    "camera_heads": 6, "intermediate_layer_idx": [1, 3, 4, 5],
    "patch_embed_depth": 3, "depth": 6, "camera_depth": 1, "features": 48, "out_channels": [32, 64, 96, 128],
}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
REGISTERS = 4


class Scale(nn.Module):
    def __init__(self, dim, start):
        super().__init__()
        self.gamma = nn.Parameter(torch.full((dim,), start))


class Attention(nn.Module):
    def __init__(self, dim, heads, norm):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        if norm:
            self.q_norm, self.k_norm = nn.LayerNorm(dim // heads), nn.LayerNorm(dim // heads)

    def forward(self, x, rope=None):
        b, n, c = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        if hasattr(self, "q_norm"):
            q, k = self.q_norm(q), self.k_norm(k)
        if rope is not None:
            q, k = rotate(q, *rope), rotate(k, *rope)
        return self.proj(F.scaled_dot_product_attention(q.to(v.dtype), k.to(v.dtype), v).transpose(1, 2).reshape(b, n, c))


def rotate(x, cos, sin):
    """The first half of a head by the row, the second by the column; halves of halves are turned."""
    a, b, c, d = x.chunk(4, -1)
    return x * cos + torch.cat([-b, a, -d, c], -1) * sin


@functools.cache
def rope_table(rows, columns, special, head, device):
    """Cosines and sines (tokens x head); special tokens are at (0, 0), the grid begins at (1, 1). Made once: a recorded
    step cannot bring numbers from the host."""
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    at = torch.cat([torch.zeros(special, 2), torch.stack([y, x], -1).view(-1, 2) + 1.0])
    bands = 100.0 ** -(torch.arange(0, head // 2, 2) / (head / 2))
    angles = [at[:, i:i + 1] * bands for i in (0, 0, 1, 1)]
    angles = torch.cat(angles, -1).to(device)
    return angles.cos(), angles.sin()


class Mlp(nn.Module):
    def __init__(self, dim, hidden, out):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(dim, hidden), nn.Linear(hidden, out)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, dim, heads, norm=False, eps=1e-5, start=1.0):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim, eps=eps), nn.LayerNorm(dim, eps=eps)
        self.attn, self.mlp = Attention(dim, heads, norm), Mlp(dim, 4 * dim, dim)
        self.ls1, self.ls2 = Scale(dim, start), Scale(dim, start)

    def forward(self, x, rope=None):
        x = x + self.ls1.gamma * self.attn(self.norm1(x), rope)
        return x + self.ls2.gamma * self.mlp(self.norm2(x))


class PatchProjection(nn.Module):
    def __init__(self, dim, patch):
        super().__init__()
        self.proj = nn.Conv2d(3, dim, patch, patch)


class PatchEmbed(nn.Module):
    """DINOv2 with registers; only its patch tokens are used."""

    def __init__(self, c):
        super().__init__()
        dim, grid = c["embed_dim"], c["img_size"] // c["patch_size"]
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim) * 0.02)
        self.pos_embed = nn.Parameter(torch.randn(1, 1 + grid * grid, dim) * 0.02)
        self.register_tokens = nn.Parameter(torch.randn(1, REGISTERS, dim) * 0.02)
        self.mask_token = nn.Parameter(torch.zeros(1, dim), requires_grad=False)
        self.patch_embed = PatchProjection(dim, c["patch_size"])
        self.blocks = nn.ModuleList(Block(dim, c["patch_embed_heads"], eps=1e-6)
                                    for _ in range(c["patch_embed_depth"]))
        self.norm = nn.LayerNorm(dim, eps=1e-6)

    def forward(self, images):
        x = self.patch_embed.proj(images).flatten(2).transpose(1, 2)
        n = x.shape[0]
        x = torch.cat([self.cls_token.expand(n, -1, -1), x], 1) + self.pos_embed
        x = torch.cat([x[:, :1], self.register_tokens.expand(n, -1, -1), x[:, 1:]], 1)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)[:, 1 + REGISTERS:]


class Aggregator(nn.Module):
    def __init__(self, c):
        super().__init__()
        dim, self.c = c["embed_dim"], c
        self.patch_embed = PatchEmbed(c)
        self.camera_token = nn.Parameter(torch.randn(1, 2, 1, dim) * 0.02)
        self.register_token = nn.Parameter(torch.randn(1, 2, REGISTERS, dim) * 0.02)
        for name, values in (("mean", MEAN), ("std", STD)):
            self.register_buffer(name, torch.tensor(values).view(1, 1, 3, 1, 1), persistent=False)
        self.frame_blocks = nn.ModuleList(Block(dim, c["num_heads"], norm=True) for _ in range(c["depth"]))
        self.global_blocks = nn.ModuleList(Block(dim, c["num_heads"], norm=True) for _ in range(c["depth"]))

    def forward(self, images):
        b, s, _, h, w = images.shape
        x = self.patch_embed(((images - self.mean) / self.std).flatten(0, 1))
        special = torch.cat([self.camera_token, self.register_token], 2)
        special = torch.cat([special[:, :1], special[:, 1:].expand(-1, s - 1, -1, -1)], 1).expand(b, -1, -1, -1)
        x = torch.cat([special.flatten(0, 1), x], 1)
        p, c = x.shape[1:]
        cos, sin = rope_table(h // self.c["patch_size"], w // self.c["patch_size"], 1 + REGISTERS,
                              c // self.c["num_heads"], x.device)
        whole = (cos.repeat(s, 1), sin.repeat(s, 1))
        outputs = []
        for i in range(self.c["depth"]):
            x = self.frame_blocks[i](x.reshape(b * s, p, c), (cos, sin))
            alone = x
            x = self.global_blocks[i](x.reshape(b, s * p, c), whole)
            if i in self.c["intermediate_layer_idx"] or i + 1 == self.c["depth"]:
                outputs.append(torch.cat([alone.reshape(b, s, p, c), x.reshape(b, s, p, c)], -1))
            else:
                outputs.append(None)
        return outputs


class CameraHead(nn.Module):
    def __init__(self, c):
        super().__init__()
        dim = 2 * c["embed_dim"]
        self.trunk = nn.ModuleList(Block(dim, c["camera_heads"]) for _ in range(c["camera_depth"]))
        self.token_norm, self.trunk_norm = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.empty_pose_tokens = nn.Parameter(torch.zeros(1, 1, 9))
        self.embed_pose = nn.Linear(9, dim)
        self.poseLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(dim, 3 * dim))
        self.pose_branch = Mlp(dim, dim // 2, 9)

    def forward(self, tokens):
        tokens, pose, poses = self.token_norm(tokens[:, :, 0]), None, []
        for _ in range(4):
            known = self.empty_pose_tokens.expand(tokens.shape[0], tokens.shape[1], -1) if pose is None else pose.detach()
            shift, scale, gate = self.poseLN_modulation(self.embed_pose(known)).chunk(3, -1)
            x = gate * (F.layer_norm(tokens, tokens.shape[-1:], eps=1e-6) * (1 + scale) + shift) + tokens
            for block in self.trunk:
                x = block(x)
            delta = self.pose_branch(self.trunk_norm(x))
            pose = delta if pose is None else pose.detach() + delta
            poses.append(torch.cat([pose[..., :7], F.relu(pose[..., 7:])], -1))
        return poses


class ConvUnit(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(f, f, 3, padding=1), nn.Conv2d(f, f, 3, padding=1)

    def forward(self, x):
        # The original's first ReLU is in place: what is added is the rectified input.
        x = F.relu(x)
        return self.conv2(F.relu(self.conv1(x))) + x


class Fusion(nn.Module):
    def __init__(self, f, residual):
        super().__init__()
        self.out_conv = nn.Conv2d(f, f, 1)
        if residual:
            self.resConfUnit1 = ConvUnit(f)
        self.resConfUnit2 = ConvUnit(f)

    def forward(self, x, beside=None, size=None):
        if beside is not None:
            x = x + self.resConfUnit1(beside)
        x = self.resConfUnit2(x)
        size = size or (2 * x.shape[-2], 2 * x.shape[-1])
        return self.out_conv(F.interpolate(x, size=size, mode="bilinear", align_corners=True))


class DenseHead(nn.Module):
    def __init__(self, c, out):
        super().__init__()
        dim, f, channels = 2 * c["embed_dim"], c["features"], c["out_channels"]
        self.c = c
        self.norm = nn.LayerNorm(dim)
        self.projects = nn.ModuleList(nn.Conv2d(dim, o, 1) for o in channels)
        self.resize_layers = nn.ModuleList([
            nn.ConvTranspose2d(channels[0], channels[0], 4, 4), nn.ConvTranspose2d(channels[1], channels[1], 2, 2),
            nn.Identity(), nn.Conv2d(channels[3], channels[3], 3, 2, 1)])
        self.scratch = nn.Module()
        for i, o in enumerate(channels):
            setattr(self.scratch, f"layer{i + 1}_rn", nn.Conv2d(o, f, 3, padding=1, bias=False))
            setattr(self.scratch, f"refinenet{i + 1}", Fusion(f, i < 3))
        self.scratch.output_conv1 = nn.Conv2d(f, f // 2, 3, padding=1)
        self.scratch.output_conv2 = nn.Sequential(nn.Conv2d(f // 2, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, out, 1))

    def forward(self, outputs, height, width):
        """Raw outputs (frames x height x width x channels)."""
        chosen = [outputs[layer][:, :, 1 + REGISTERS:].flatten(0, 1) for layer in self.c["intermediate_layer_idx"]]
        grid = height // self.c["patch_size"], width // self.c["patch_size"]
        aspect, device = width / height, chosen[0].device
        tables = [position(c, *grid, aspect, device) for c in self.c["out_channels"]]
        last = position(self.c["features"] // 2, height, width, aspect, device)
        return self.fuse(chosen, tables, last, grid, (height, width))

    def fuse(self, chosen, tables, last, grid, size):
        """The same from the patch tokens of the four layers (frames x patches x dim) and the tables that are added."""
        s, maps = self.scratch, []
        for i, x in enumerate(chosen):
            x = self.norm(x)
            x = x.transpose(1, 2).reshape(x.shape[0], -1, *grid)
            x = self.resize_layers[i](self.projects[i](x) + tables[i])
            maps.append(getattr(s, f"layer{i + 1}_rn")(x))
        x = s.refinenet4(maps[3], size=maps[2].shape[2:])
        x = s.refinenet3(x, maps[2], size=maps[1].shape[2:])
        x = s.refinenet2(x, maps[1], size=maps[0].shape[2:])
        x = s.output_conv1(s.refinenet1(x, maps[0]))
        x = F.interpolate(x, size=size, mode="bilinear", align_corners=True)
        return s.output_conv2(x + last).permute(0, 2, 3, 1)


@functools.cache
def position(channels, rows, columns, aspect, device):
    """A tenth of the sines and cosines of a grid whose diagonal is one (channels x rows x columns)."""
    diagonal = math.sqrt(aspect * aspect + 1)
    along = [torch.linspace(-1, 1, n) * (n - 1) / n * side / diagonal for n, side in ((columns, aspect), (rows, 1.0))]
    x, y = torch.meshgrid(*along, indexing="xy")
    bands = 100.0 ** -(torch.arange(channels // 4, dtype=torch.float64) / (channels / 4))
    angles = [v[None].double() * bands[:, None, None] for v in (x, y)]
    return 0.1 * torch.cat([f(a) for a in angles for f in (torch.sin, torch.cos)]).float().to(device)


class Vggt(nn.Module):
    def __init__(self, c=None):
        super().__init__()
        c = c or TINY
        self.aggregator, self.camera_head = Aggregator(c), CameraHead(c)
        self.point_head, self.depth_head = DenseHead(c, 4), DenseHead(c, 2)

    def forward(self, images):
        """Poses of four rounds (B x S x 9), raw depth (B*S x H x W x 2), raw points (B*S x H x W x 4)."""
        outputs = self.aggregator(images)
        h, w = images.shape[-2:]
        return self.camera_head(outputs[-1]), self.depth_head(outputs, h, w), self.point_head(outputs, h, w)


def compile_parts():
    """From now on the repeated parts of every Vggt run as few kernels each, compiled at their first call."""
    Block.forward = compile_once_a_shape(Block.forward)
    DenseHead.fuse = compile_once_a_shape(DenseHead.fuse)
