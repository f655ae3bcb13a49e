"""The tiny AnimateDiff in the classes of diffusers and transformers."""
import functools

import torch
from diffusers import AutoencoderKL, UNetMotionModel
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.transformers.transformer_2d import Transformer2DModel
from diffusers.models.unets import unet_motion_model
from transformers import CLIPTextConfig, CLIPTextModel

from replay import compile_once_a_shape

FRAMES, LATENT, TOKENS, TEXT = 16, 8, 77, 192
CHANNELS = (64, 128, 144)
BETAS = dict(num_train_timesteps=1000, beta_start=.00085, beta_end=.012, beta_schedule="linear", steps_offset=1, clip_sample=False,
             set_alpha_to_one=False)


class Motion:
    """Whether motion modules take part: without them the UNet makes single pictures, as Stable Diffusion does."""
    on = True


_moved = unet_motion_model.AnimateDiffTransformer3D.forward
unet_motion_model.AnimateDiffTransformer3D.forward = (
    lambda self, hidden_states, *rest, **named: _moved(self, hidden_states, *rest, **named) if Motion.on else hidden_states)


def compile_parts():
    """From now on the blocks of every UNet run as few kernels each; equal blocks share what is compiled, with motion and without."""
    ResnetBlock2D.forward = _compiled(ResnetBlock2D.forward, "input_tensor")
    Transformer2DModel.forward = _compiled(Transformer2DModel.forward, "hidden_states")
    moved = _compiled(_moved, "hidden_states")
    unet_motion_model.AnimateDiffTransformer3D.forward = (
        lambda self, hidden_states, *rest, **named: moved(self, hidden_states, *rest, **named) if Motion.on else hidden_states)


def _compiled(forward, first):
    """In one memory layout throughout: another one would be compiled again."""
    def last(result):
        return result.contiguous(memory_format=torch.channels_last) if torch.is_tensor(result) else tuple(map(last, result))

    inner = compile_once_a_shape(lambda self, x, *rest, **named: last(forward(self, x, *rest, **named)))

    def called(self, *given, **named):
        given = given or (named.pop(first),)
        return inner(self, given[0].contiguous(memory_format=torch.channels_last), *given[1:], **named)
    return called


def new_vae():
    return AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4, block_out_channels=[32, 64, 96, 96],
        layers_per_block=1, latent_channels=LATENT, norm_num_groups=16, sample_size=128, scaling_factor=1.)


def new_text(vocabulary):
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=vocabulary, hidden_size=TEXT, intermediate_size=4 * TEXT, num_hidden_layers=3, num_attention_heads=3,
        max_position_embeddings=TOKENS, hidden_act="quick_gelu"))


def new_unet():
    unet = UNetMotionModel(
        sample_size=16, in_channels=LATENT, out_channels=LATENT, block_out_channels=CHANNELS, layers_per_block=1,
        down_block_types=("DownBlockMotion",) + ("CrossAttnDownBlockMotion",) * 2,
        up_block_types=("CrossAttnUpBlockMotion",) * 2 + ("UpBlockMotion",), cross_attention_dim=TEXT,
        num_attention_heads=2, motion_num_attention_heads=2, norm_num_groups=16, motion_max_seq_length=32, use_motion_mid_block=True)
    with torch.no_grad():  # a motion module begins as nothing, as in AnimateDiff
        for name, module in unet.named_modules():
            if name.endswith("proj_out") and "motion_modules" in name:
                module.weight.zero_()
                module.bias.zero_()
    return unet


def signal(device):
    """The squared share of the clean latents at every timestep."""
    betas = torch.linspace(BETAS["beta_start"], BETAS["beta_end"], BETAS["num_train_timesteps"], dtype=torch.float64)
    return (1 - betas).cumprod(0).float().to(device)


def noise_of(unet, latents, timestep, hidden):
    """Predicted noise of clips [B, C, T, H, W]; hidden [B, tokens, dim], repeated for every frame as diffusers wants it."""
    return unet(latents, timestep, encoder_hidden_states=hidden.repeat_interleave(latents.shape[2], 0)).sample


@torch.no_grad()
def sampled(unet, squares, hidden, empty, guidance, steps, generator, shape):
    """Clips of DDIM without randomness, leading spacing: what the Java pipeline computes."""
    x = torch.randn(shape, generator=generator).to(squares.device)
    stride = len(squares) // steps
    for t in [i * stride + BETAS["steps_offset"] for i in reversed(range(steps))]:
        step = torch.full((2 * len(x),), t, device=squares.device)
        without, given = noise_of(unet, torch.cat([x, x]), step, torch.cat([empty.expand_as(hidden), hidden])).float().chunk(2)
        noise = without + guidance * (given - without)
        a, b = squares[t], squares[max(0, t - stride)]
        x = b.sqrt() * (x - (1 - a).sqrt() * noise) / a.sqrt() + (1 - b).sqrt() * noise
    return x
