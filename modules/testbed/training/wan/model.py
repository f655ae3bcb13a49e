"""The small models, in diffusers' classes, and what is special about training them."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.nn.utils.parametrize
from diffusers.models.autoencoders import autoencoder_kl_wan as wan_vae
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan, WanResample
from diffusers.models.transformers.transformer_wan import WanAttention, WanTransformer3DModel
from transformers import UMT5Config, UMT5EncoderModel

from data import SLOTS

CHANNELS = 16
SHIFT = 5.0
BOUNDARY = 0.9
LAST = torch.channels_last_3d


# ---- VAE

def new_vae(base=24):
    return AutoencoderKLWan(base_dim=base, z_dim=CHANNELS, dim_mult=[1, 2, 4, 4], num_res_blocks=2, attn_scales=[],
                            temperal_downsample=[False, True, True])


def _whole_clip(self, x, feat_cache=None, feat_idx=[0]):
    """WanResample over a whole clip at once: equal to the chunks with caches, but one call."""
    if feat_cache is not None:
        return _chunked(self, x, feat_cache, feat_idx)
    b, c, t, h, w = x.shape
    if self.mode == "upsample3d" and t > 1:
        y = self.time_conv(x[:, :, 1:])
        y = y.view(b, 2, c, t - 1, h, w).permute(0, 2, 3, 1, 4, 5).reshape(b, c, 2 * (t - 1), h, w)
        x = torch.cat([x[:, :, :1], y], 2)
    t = x.shape[2]
    x = self.resample(x.permute(0, 2, 1, 3, 4).reshape(b * t, c, h, w))
    x = x.view(b, t, x.size(1), x.size(2), x.size(3)).permute(0, 2, 1, 3, 4)
    if self.mode == "downsample3d" and t > 1:
        x = torch.cat([x[:, :, :1], self.time_conv(x)], 2)
    return x


_chunked = WanResample.forward
WanResample.forward = _whole_clip
wan_vae.WanUpsample.forward = lambda self, x: F.interpolate(x, scale_factor=2.0, mode="nearest-exact")


@torch.no_grad()
def initialise(vae, residual=.15, bias=.8):
    """Near-identity resampling and quiet residual branches; the default initialisation stays 13 dB behind."""
    def normal(conv, gain=1.0):
        conv.weight.normal_(0, gain / math.sqrt(conv.weight[0].numel()))
        conv.bias.zero_()

    for conv in vae.modules():
        if isinstance(conv, (nn.Conv2d, nn.Conv3d)):
            normal(conv)
    for part in vae.modules():
        if isinstance(part, wan_vae.WanResidualBlock):
            normal(part.conv1, 1.4)
            normal(part.conv2, residual)
        if isinstance(part, wan_vae.WanAttentionBlock):
            normal(part.proj, .1)
        if isinstance(part, WanResample):
            _resampling(part, normal)
    vae.encoder.conv_in.bias.normal_(0, bias)
    vae.decoder.conv_in.bias.normal_(0, bias)
    vae.quant_conv.bias[CHANNELS:] -= 6.
    vae.quant_conv.weight[CHANNELS:] *= .1


def _resampling(part, normal):
    if part.mode.startswith("down"):
        conv = part.resample[1]
        normal(conv, .6)
        for a in (0, 1):
            for b in (0, 1):
                conv.weight[:, :, a, b] += .25 * torch.eye(conv.weight.shape[0])
    if part.mode.startswith("up"):
        conv = part.resample[1]
        normal(conv, .6)
        pairs = torch.zeros(conv.weight.shape[:2])
        for j in range(len(pairs)):
            pairs[j, 2 * j] = pairs[j, 2 * j + 1] = .7
        conv.weight[:, :, 1, 1] += pairs
    if "3d" in part.mode:
        conv = part.time_conv
        normal(conv, .4)
        o, i = conv.weight.shape[:2]
        if part.mode == "downsample3d":
            conv.weight[:, :, 1, 0, 0] += .5 * torch.eye(o)
            conv.weight[:, :, 2, 0, 0] += .5 * torch.eye(o)
        else:
            conv.weight[:, :, 2, 0, 0] += torch.cat([torch.eye(i)] * 2)


def placed(vae, device):
    vae = vae.to(device)
    for part in vae.modules():
        if isinstance(part, nn.Conv3d):
            part.to(memory_format=LAST)
        elif isinstance(part, nn.Conv2d):
            part.to(memory_format=torch.channels_last)
    return vae


class Encoder(nn.Module):
    """Moments (mean, log variance) of a whole clip."""

    def __init__(self, vae):
        super().__init__()
        self.net, self.quant = vae.encoder, vae.quant_conv

    def forward(self, x):
        return self.quant(self.net(x))


class Decoder(nn.Module):
    def __init__(self, vae):
        super().__init__()
        self.net, self.quant = vae.decoder, vae.post_quant_conv

    def forward(self, z):
        return self.net(self.quant(z))


# ---- text encoder and transformer

def new_text_encoder(vocabulary, width=256, layers=4):
    return UMT5EncoderModel(UMT5Config(
        vocab_size=vocabulary, d_model=width, d_kv=64, d_ff=2 * width, num_layers=layers, num_heads=width // 64,
        relative_attention_num_buckets=32,
        relative_attention_max_distance=128, dropout_rate=0.0, feed_forward_proj="gated-gelu", pad_token_id=0, eos_token_id=1))


def new_transformer(layers=8, heads=6, ffn=1152, text=256):
    return WanTransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=heads, attention_head_dim=64, in_channels=36, out_channels=16, text_dim=text,
        freq_dim=256, ffn_dim=ffn, num_layers=layers, cross_attn_norm=True, qk_norm="rms_norm_across_heads", eps=1e-6,
        rope_max_seq_len=128)


class SlotAttention:
    """The attention of WanAttnProcessor for SLOTS text slots, the last of which stands for all pads up to 512.

    The pipeline gives the transformer 512 text positions, zeros past the text and no mask, so every pad takes part in the
    softmax. They are all alike: one key with a bias of log(their number) is the same.
    """

    _attention_backend = None
    _parallel_config = None

    def __init__(self, length=512):
        self.bias = math.log(length - SLOTS + 1)

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, rotary_emb=None):
        source = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        q, k, v = attn.norm_q(attn.to_q(hidden_states)), attn.norm_k(attn.to_k(source)), attn.to_v(source)
        q, k, v = (x.unflatten(2, (attn.heads, -1)) for x in (q, k, v))
        if rotary_emb is not None:
            cos, sin = rotary_emb[0][..., 0::2], rotary_emb[1][..., 1::2]

            def rotated(x):
                a, b = x.float().unflatten(-1, (-1, 2)).unbind(-1)
                return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2).to(v.dtype)

            q, k = rotated(q), rotated(k)
        else:
            q, k = q.to(v.dtype), k.to(v.dtype)
        mask = None
        if encoder_hidden_states is not None and source.shape[1] == SLOTS:
            mask = torch.zeros(SLOTS, device=q.device, dtype=q.dtype)
            mask[-1] = self.bias
            mask = mask.view(1, 1, 1, SLOTS).expand(q.shape[0], attn.heads, q.shape[1], SLOTS)
        out = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), attn_mask=mask)
        return attn.to_out[0](out.transpose(1, 2).flatten(2))


def with_slots(transformer):
    for part in transformer.modules():
        if isinstance(part, WanAttention):
            part.set_processor(SlotAttention())
    return transformer


def encode_text(encoder, ids):
    """[B, SLOTS, 256], zeros past the text."""
    mask = (ids != 0).long()
    hidden = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    return hidden * mask.unsqueeze(-1).to(hidden.dtype)


def shifted(u):
    return SHIFT * u / (1 + (SHIFT - 1) * u)


def unshifted(sigma):
    return sigma / (SHIFT - (SHIFT - 1) * sigma)


def conditioned(latent):
    """Mask (4 channels: the first frame is given) and the latent of [image, zero frames]."""
    mask = torch.zeros(latent.shape[0], 4, *latent.shape[2:], device=latent.device, dtype=latent.dtype)
    mask[:, :, 0] = 1
    return torch.cat([mask, latent], 1)


class Lora(nn.Module):
    """Low-rank additions to the linears of every block, in the published key form."""

    NAMES = {"attn1.to_q": "self_attn.q", "attn1.to_k": "self_attn.k", "attn1.to_v": "self_attn.v", "attn1.to_out.0": "self_attn.o",
             "attn2.to_q": "cross_attn.q", "attn2.to_k": "cross_attn.k", "attn2.to_v": "cross_attn.v",
             "attn2.to_out.0": "cross_attn.o", "ffn.net.0.proj": "ffn.0", "ffn.net.2": "ffn.2"}

    def __init__(self, transformer, rank=8, alpha=8.):
        super().__init__()
        self.rank, self.alpha = rank, alpha
        self.down, self.up, self.keys = nn.ParameterList(), nn.ParameterList(), []
        for i, block in enumerate(transformer.blocks):
            for name, published in self.NAMES.items():
                linear = block.get_submodule(name)
                device = linear.weight.device
                self.down.append(torch.randn(rank, linear.in_features, device=device) / math.sqrt(linear.in_features))
                self.up.append(torch.zeros(linear.out_features, rank, device=device))
                self.keys.append(f"diffusion_model.blocks.{i}.{published}")
                nn.utils.parametrize.register_parametrization(linear, "weight", _Added(self, len(self.keys) - 1))
        transformer.requires_grad_(False)

    def published(self):
        tensors = {}
        for key, down, up in zip(self.keys, self.down, self.up):
            tensors[f"{key}.lora_down.weight"] = down.detach()
            tensors[f"{key}.lora_up.weight"] = up.detach()
            tensors[f"{key}.alpha"] = torch.tensor(self.alpha)
        return tensors


class _Added(nn.Module):
    def __init__(self, lora, index):
        super().__init__()
        self.pair = [lora]  # in a list, so that the additions are parameters of the Lora alone
        self.index = index

    def forward(self, weight):
        lora = self.pair[0]
        return weight + lora.alpha / lora.rank * lora.up[self.index] @ lora.down[self.index]
