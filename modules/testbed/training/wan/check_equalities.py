"""Checks the shortcuts of training against diffusers' own code: whole-clip VAE, text slots. Prints the largest differences."""
import copy
import sys

import torch

import model
from data import SLOTS

torch.set_num_threads(1)
torch.manual_seed(0)
with torch.no_grad():
    vae = model.new_vae().eval()
    x = torch.rand(1, 3, 9, 32, 32) * 2 - 1
    moments = vae.encode(x).latent_dist.parameters
    whole = model.Encoder(vae)(x)
    print("encoder", (moments - whole).abs().max().item(), "of", moments.abs().max().item())
    z = torch.randn(1, 16, 3, 4, 4)
    chunks, whole = vae.decode(z).sample, model.Decoder(vae)(z).clamp(-1, 1)
    print("decoder", (chunks - whole).abs().max().item(), "of", chunks.abs().max().item())

    plain = model.new_transformer().eval()
    slots = model.with_slots(copy.deepcopy(plain))
    text = torch.randn(1, SLOTS, 256)
    text[:, 40:] = 0
    padded = torch.cat([text, torch.zeros(1, 512 - SLOTS, 256)], 1)
    x = torch.randn(1, 36, 3, 8, 8)
    call = lambda net, e: net(hidden_states=x, timestep=torch.tensor([500.]), encoder_hidden_states=e, return_dict=False)[0]
    a, b = call(plain, padded), call(slots, text)
    print("text slots", (a - b).abs().max().item(), "of", a.abs().max().item())

    encoder = model.new_text_encoder(500).eval()
    ids = torch.randint(3, 500, (1, 20))
    short = torch.cat([ids, torch.ones(1, 1, dtype=torch.long), torch.zeros(1, SLOTS - 21, dtype=torch.long)], 1)
    long = torch.cat([short, torch.zeros(1, 512 - SLOTS, dtype=torch.long)], 1)
    full = encoder(input_ids=long, attention_mask=(long != 0).long()).last_hidden_state[:, :21]
    print("text encoder", (full - model.encode_text(encoder, short)[:, :21]).abs().max().item())
