"""Writes the numbers that PyTorchParityTest holds Culebra's training against.

    python make_parity_fixtures.py ../resources/parity

Two tiny decoders with odd sizes, one in GPT-2's form and one in Llama's with grouped queries, as
plain PyTorch in float64, so that the reference's own rounding is no part of the comparison.
Matrices are [outputs, inputs]; parameters have Culebra's names. Each file is a safetensors file
(8 bytes length, JSON header, data) with

    parameter.NAME   F32                initial values
    gradient.NAME    F32                of the mean loss of the first batch, before clipping
    tokens, targets  I32 [STEPS, B, T]  a batch a step; target -1: nothing to predict
    logits           F32 [B, T, V]      of the first batch
    losses           F32 [STEPS]        mean loss of each step's batch, before its update
    grad_norms       F32 [STEPS]        of each step, before clipping
    learning_rates   F32 [STEPS]

and the sizes of the model in the header's __metadata__.
"""

import json
import math
import struct
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

BATCH, LENGTH, VOCABULARY, CONTEXT, LAYERS, STEPS = 3, 19, 61, 23, 2, 10
BETAS, EPSILON, WEIGHT_DECAY, MAX_GRAD_NORM = (0.9, 0.95), 1e-8, 0.1, 1.0
LEARNING_RATE, WARMUP_STEPS = 3e-3, 4

MODELS = {
    "gpt2": dict(hidden=35, heads=5, kv_heads=5, head_dim=7, mlp=140, gpt2=True),
    "llama": dict(hidden=40, heads=6, kv_heads=2, head_dim=6, mlp=53, gpt2=False),
}


def parameters(m, generator):
    def normal(*shape, mean=0.0, deviation=0.15):
        values = mean + deviation * torch.randn(*shape, generator=generator, dtype=torch.float64)
        # What the fixture holds is the start of both sides.
        return values.float().double().requires_grad_()

    c, p = m["hidden"], {}

    def linear(name, outputs, inputs):
        p[name + ".weight"] = normal(outputs, inputs)
        if m["gpt2"]:
            p[name + ".bias"] = normal(outputs)

    def norm(name):
        p[name + ".weight"] = normal(c, mean=1.0)
        if m["gpt2"]:
            p[name + ".bias"] = normal(c)

    p["embedding.tokens"] = normal(VOCABULARY, c, deviation=0.5)
    if m["gpt2"]:
        p["embedding.positions"] = normal(CONTEXT, c, deviation=0.5)
    for i in range(LAYERS):
        layer = f"layers.{i}."
        norm(layer + "attention.norm")
        linear(layer + "attention.qkv", (m["heads"] + 2 * m["kv_heads"]) * m["head_dim"], c)
        linear(layer + "attention.output", c, m["heads"] * m["head_dim"])
        norm(layer + "mlp.norm")
        linear(layer + "mlp.up", m["mlp"] if m["gpt2"] else 2 * m["mlp"], c)
        linear(layer + "mlp.down", c, m["mlp"])
    norm("norm")
    if not m["gpt2"]:
        p["head.weight"] = normal(VOCABULARY, c)
    return p


def rotate(x):
    """x [B, heads, T, D]: elements i and i + D/2 turn by t * 10000^(-2i/D)."""
    half = x.shape[-1] // 2
    frequencies = 10000.0 ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * frequencies
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], -1)


def forward(m, p, tokens):
    """tokens [B, T] to logits [B, T, V]."""
    batch, length = tokens.shape

    def linear(name, x):
        return F.linear(x, p[name + ".weight"], p.get(name + ".bias"))

    def norm(name, x):
        if m["gpt2"]:
            return F.layer_norm(x, x.shape[-1:], p[name + ".weight"], p[name + ".bias"], 1e-5)
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * p[name + ".weight"]

    def split(x, heads):
        return x.view(batch, length, heads, m["head_dim"]).transpose(1, 2)

    def attention(layer, x):
        query, key = m["heads"] * m["head_dim"], m["kv_heads"] * m["head_dim"]
        q, k, v = linear(layer + "attention.qkv", x).split([query, key, key], dim=-1)
        q, k, v = split(q, m["heads"]), split(k, m["kv_heads"]), split(v, m["kv_heads"])
        if not m["gpt2"]:
            q, k = rotate(q), rotate(k)
        group = m["heads"] // m["kv_heads"]
        k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        scores = q @ k.transpose(-1, -2) / math.sqrt(m["head_dim"])
        future = torch.ones(length, length, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return linear(layer + "attention.output", (weights @ v).transpose(1, 2).flatten(2))

    def mlp(layer, x):
        x = linear(layer + "mlp.up", x)
        if m["gpt2"]:
            x = F.gelu(x, approximate="tanh")
        else:
            gate, up = x.chunk(2, -1)
            x = F.silu(gate) * up
        return linear(layer + "mlp.down", x)

    x = p["embedding.tokens"][tokens]
    if m["gpt2"]:
        x = x + p["embedding.positions"][:length]
    for i in range(LAYERS):
        layer = f"layers.{i}."
        x = x + attention(layer, norm(layer + "attention.norm", x))
        x = x + mlp(layer, norm(layer + "mlp.norm", x))
    return F.linear(norm("norm", x), p.get("head.weight", p["embedding.tokens"]))


def record(m, seed):
    generator = torch.Generator().manual_seed(seed)
    p = parameters(m, generator)
    tensors = {"parameter." + name: value.detach().clone() for name, value in p.items()}
    tokens = torch.randint(VOCABULARY, (STEPS, BATCH, LENGTH), generator=generator)
    targets = torch.randint(VOCABULARY, (STEPS, BATCH, LENGTH), generator=generator)
    targets[torch.rand(STEPS, BATCH, LENGTH, generator=generator) < 0.1] = -1
    optimizer = torch.optim.AdamW(
        [
            dict(params=[v for v in p.values() if v.dim() > 1], weight_decay=WEIGHT_DECAY),
            dict(params=[v for v in p.values() if v.dim() == 1], weight_decay=0.0),
        ],
        betas=BETAS,
        eps=EPSILON,
    )
    losses, norms, rates = [], [], []
    for step in range(STEPS):
        logits = forward(m, p, tokens[step])
        loss = F.cross_entropy(logits.flatten(0, 1), targets[step].flatten(), ignore_index=-1)
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            tensors["logits"] = logits.detach()
            tensors.update({"gradient." + name: v.grad.clone() for name, v in p.items()})
        rate = LEARNING_RATE * min(1.0, (step + 1) / WARMUP_STEPS)
        for group in optimizer.param_groups:
            group["lr"] = rate
        norms.append(torch.nn.utils.clip_grad_norm_(p.values(), MAX_GRAD_NORM).item())
        losses.append(loss.item())
        rates.append(rate)
        optimizer.step()
    for name, values in dict(losses=losses, grad_norms=norms, learning_rates=rates).items():
        tensors[name] = torch.tensor(values, dtype=torch.float64)
    tensors["tokens"], tensors["targets"] = tokens, targets
    print("losses", [round(x, 4) for x in losses], "norms", [round(x, 3) for x in norms])
    return tensors


def write(path, tensors, metadata):
    header, blobs, offset = {"__metadata__": metadata}, [], 0
    for name, tensor in tensors.items():
        integers = not tensor.is_floating_point()
        blob = tensor.to(torch.int32 if integers else torch.float32).contiguous().numpy().tobytes()
        header[name] = {
            "dtype": "I32" if integers else "F32",
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + len(blob)],
        }
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


if __name__ == "__main__":
    out = Path(sys.argv[1])
    for seed, (name, model) in enumerate(MODELS.items()):
        sizes = dict(vocabulary=VOCABULARY, context=CONTEXT, layers=LAYERS, **model)
        metadata = {key: str(int(value)) for key, value in sizes.items()}
        write(out / f"{name}.safetensors", record(model, 1234 + seed), metadata)
