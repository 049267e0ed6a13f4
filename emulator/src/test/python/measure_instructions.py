"""Measures what a GPU computes, instruction by instruction, for MeasuredInstructionsTest.

    measure_instructions.py list FOLDER       writes the cases that ptxas takes, as cases.json and cases.ptx and, assembled, cases.cubin
    measure_instructions.py measure FOLDER    runs FOLDER/cases.cubin on the GPU and writes the test's resources there

A case is a few lines of PTX on registers that a prologue fills: the three input words of a thread as %d1..%d3 (64 bits),
%r1..%r3 and %f1..%f3 (their low 32), %h1..%h3 (their low 16), %fd1..%fd3, and predicates %p1..%p3 (bit 0). It leaves its
result in %d0 (64 bits). Its pool says what the inputs look like. Needs Python alone; ptxas to list, libcuda to measure.
"""

import ctypes
import gzip
import json
import os
import random
import re
import struct
import subprocess
import sys

THREADS = 128
def f32(x): return struct.unpack("<I", struct.pack("<f", x))[0]
def f64(x): return struct.unpack("<Q", struct.pack("<d", x))[0]

def pools(seed=20261126):
    rnd = random.Random(seed)
    r64 = lambda: rnd.getrandbits(64)
    out = {}
    edge = [0, 1, 2, 3, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
            0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xffffffff80000000, 0x00800000, 0xff7fffff]
    def integer():
        k = rnd.random()
        if k < 0.45: return r64()
        if k < 0.65: return rnd.choice(edge)
        if k < 0.8: return (rnd.choice(edge) + rnd.randint(-3, 3)) & (2**64 - 1)
        return (rnd.getrandbits(32) << 32 | rnd.getrandbits(8)) if k < 0.9 else r64() >> rnd.randint(0, 63)
    out["int"] = [[integer() for _ in range(3)] for _ in range(THREADS)]
    same = []
    for i in range(THREADS):
        a = integer(); same.append([a, a if i % 4 else a ^ (1 << rnd.randint(0, 63)), integer()])
    out["same"] = same
    out["zero"] = [[0 if i < 32 else integer() & rnd.choice([0, 0xffff0000, 2**64 - 1]) for _ in range(3)] for i in range(THREADS)]
    out["small"] = [[rnd.randint(-700, 700) & (2**64 - 1) if i % 3 else rnd.randint(-40000, 70000) & (2**64 - 1) for _ in range(3)] for i in range(THREADS)]
    s32 = [0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc12345, 0x7f800001, 0x00000001, 0x80000001, 0x007fffff,
           0x00800000, 0x80800000, 0x7f7fffff, 0xff7fffff, 0x3f000000, 0x40490fdb, 0x33800000, 0x4b800001, 0x5f000000, 0x4f000000, 0xcf000000, 0x42b17218]
    def any32():
        k = rnd.random()
        if k < 0.4: return rnd.choice(s32)
        if k < 0.7: return rnd.getrandbits(32)
        if k < 0.8: return rnd.getrandbits(1) << 31 | rnd.getrandbits(23) >> rnd.randint(0, 20)
        return f32(rnd.uniform(-4, 4))
    high = lambda lo: r64() & 0xffffffff00000000 | lo
    out["f32"] = [[high(any32()) for _ in range(3)] for _ in range(THREADS)]
    for i, a in enumerate(s32): out["f32"][i][0] = a; out["f32"][i + 32][1] = a; out["f32"][i + 64][2] = a
    def near32():
        k = rnd.random()
        if k < 0.5: return f32(rnd.uniform(-8, 8))
        if k < 0.7: return f32(rnd.choice([-1, 1]) * (1 + rnd.randint(0, 7) * 2.0**-23) * 2.0**rnd.randint(-3, 3))
        if k < 0.85: return f32(rnd.choice([-1, 1]) * rnd.random() * 2.0**rnd.randint(-30, 30))
        return f32(rnd.choice([-1, 1]) * rnd.random() * 2.0**rnd.randint(-126, 126))
    out["f32near"] = [[high(near32()) for _ in range(3)] for _ in range(THREADS)]
    for i in range(0, THREADS, 5):
        row = out["f32near"][i]; row[1] = row[0] ^ 0x80000000 ^ rnd.randint(0, 2); row[2] = high(f32(-struct.unpack("<f", struct.pack("<I", row[0] & 0xffffffff))[0] ** 2 if i % 2 else 0.5))
    whole = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 127.5, 128, 255.5, -128.5, -129, 32767.5, 32768, 65535.5, 65536, -32768.5, 2147483520.0, 2147483648.0, -2147483648.0,
             -2147483904.0, 4294967040.0, 4294967296.0, 9.223371487098962e18, 9.223372036854775808e18, -9.223372036854775808e18, 1.8446742974197924e19, 1.8446744073709552e19,
             -0.0, -0.1, 0.99999994, -1.0, 1e10, -1e10, 3e38, -3e38, float("inf"), float("-inf"), float("nan")]
    out["f32int"] = [[high(f32(whole[i] if i < len(whole) else rnd.choice([rnd.uniform(-300, 300), rnd.uniform(-70000, 70000), rnd.uniform(-5e9, 5e9), rnd.uniform(-2e19, 2e19)])))
                      for _ in range(3)] for i in range(THREADS)]
    s64 = [0, 1 << 63, f64(1.0), f64(-1.0), f64(float("inf")), f64(float("-inf")), 0x7ff8000000000000, 0xfff8000000012345, 0x7ff0000000000001, 1, (1 << 63) | 1,
           0x000fffffffffffff, 0x0010000000000000, 0x7fefffffffffffff, 0xffefffffffffffff, f64(0.5), f64(3.4028235677973366e38), f64(3.4028236e38), f64(1.4e-45), f64(7e-46), f64(1.1754943e-38),
           f64(65504.0), f64(65520.0), f64(65519.9), f64(6e-8), f64(2.9e-8)]
    def any64():
        k = rnd.random()
        if k < 0.4: return rnd.choice(s64)
        if k < 0.6: return r64()
        if k < 0.7: return rnd.getrandbits(1) << 63 | rnd.getrandbits(52) >> rnd.randint(0, 45)
        return f64(rnd.uniform(-4, 4))
    out["f64"] = [[any64() for _ in range(3)] for _ in range(THREADS)]
    for i, a in enumerate(s64): out["f64"][i][0] = a; out["f64"][i + 32][1] = a; out["f64"][i + 64][2] = a
    def near64():
        k = rnd.random()
        if k < 0.4: return f64(rnd.uniform(-8, 8))
        if k < 0.6: return f64(rnd.choice([-1, 1]) * (1 + rnd.randint(0, 7) * 2.0**-52) * 2.0**rnd.randint(-3, 3))
        if k < 0.8: return f64(struct.unpack("<f", struct.pack("<f", rnd.uniform(-8, 8)))[0] + rnd.choice([0, 1, -1]) * 2.0**rnd.randint(-30, -22))
        return f64(rnd.choice([-1, 1]) * rnd.random() * 2.0**rnd.randint(-160, 130))
    out["f64near"] = [[near64() for _ in range(3)] for _ in range(THREADS)]
    for i in range(0, THREADS, 5):
        row = out["f64near"][i]; row[1] = row[0] ^ (1 << 63) ^ rnd.randint(0, 2)
    out["f64int"] = [[f64(whole[i] if i < len(whole) else rnd.choice([rnd.uniform(-300, 300), rnd.uniform(-70000, 70000), rnd.uniform(-5e9, 5e9), rnd.uniform(-2e19, 2e19)]))
                      for _ in range(3)] for i in range(THREADS)]
    for kind, specials, expbits in [
        ("f16", [0, 0x8000, 0x3c00, 0xbc00, 0x7c00, 0xfc00, 0x7e00, 0xfe01, 0x7c01, 1, 0x8001, 0x3ff, 0x400, 0x8400, 0x7bff, 0xfbff, 0x3800, 0x1400], 10),
        ("bf16", [0, 0x8000, 0x3f80, 0xbf80, 0x7f80, 0xff80, 0x7fc0, 0xffc1, 0x7f81, 1, 0x8001, 0x7f, 0x80, 0x8080, 0x7f7f, 0xff7f, 0x3f00, 0x3b80], 7)]:
        one = 0x3c00 if kind == "f16" else 0x3f80
        def half():
            k = rnd.random()
            if k < 0.3: return rnd.choice(specials)
            if k < 0.6: return rnd.getrandbits(16)
            return rnd.getrandbits(1) << 15 | (one + (rnd.randint(-4, 4) << expbits)) | rnd.getrandbits(expbits)
        rows = [[sum(half() << (16 * j) for j in range(4)) for _ in range(3)] for _ in range(THREADS)]
        for i, a in enumerate(specials): rows[i][0] = a | a << 16; rows[i + 32][1] = a | a << 16; rows[i + 64][2] = a | a << 16
        out[kind] = rows
    for kind in ["f32", "f64"]:
        out["same" + kind] = [[r[0], r[0] if i % 4 else r[1], r[2]] for i, r in enumerate(out[kind])]
    return out


FROM = {"d": "", "r": "cvt.u64.u32 %d0, %r0;", "f": "mov.b32 %r0, %f0; cvt.u64.u32 %d0, %r0;",
        "h": "cvt.u64.u16 %d0, %h0;", "fd": "mov.b64 %d0, %fd0;", "p": "selp.u64 %d0, 1, 0, %p0;"}
REG = {"16": "h", "32": "r", "64": "d"}


def cases():
    out = []

    def add(pool, kind, text):
        out.append((pool, text + (" " + FROM[kind] if FROM[kind] else "")))

    def bits(t):
        return t[1:] if t[0] in "usb" else None

    # integer arithmetic
    for t in ["u16", "s16", "u32", "s32", "u64", "s64"]:
        w = t[1:]; k = REG[w]
        for op in ["add", "sub"]:
            add("int", k, f"{op}.{t} %{k}0, %{k}1, %{k}2;")
        for op in ["mul.lo", "mul.hi"]:
            add("int", k, f"{op}.{t} %{k}0, %{k}1, %{k}2;")
        for op in ["mad.lo", "mad.hi"]:
            add("int", k, f"{op}.{t} %{k}0, %{k}1, %{k}2, %{k}3;")
        for op in ["div", "rem"]:
            # division by zero is unspecified: the divisor is made odd
            add("int", k, f"or.b{w} %{k}2, %{k}2, 1; {op}.{t} %{k}0, %{k}1, %{k}2;")
        for op in ["min", "max"]:
            add("int", k, f"{op}.{t} %{k}0, %{k}1, %{k}2;")
        if w != "64":
            wide = {"16": "r", "32": "d"}[w]
            add("int", wide, f"mul.wide.{t} %{wide}0, %{k}1, %{k}2;")
            add("int", wide, f"mad.wide.{t} %{wide}0, %{k}1, %{k}2, %{wide}3;")
        add("int", k, f"sad.{t} %{k}0, %{k}1, %{k}2, %{k}3;")
        add("int", k, f"shr.{t} %{k}0, %{k}1, %r2;")
        add("int", k, f"and.b32 %r2, %r2, 79; shr.{t} %{k}0, %{k}1, %r2;")
        if t[0] == "s":
            add("int", k, f"abs.{t} %{k}0, %{k}1;")
            add("int", k, f"neg.{t} %{k}0, %{k}1;")
        for cmp in ["eq", "ne", "lt", "le", "gt", "ge"] + (["lo", "ls", "hi", "hs"] if t[0] == "u" else []):
            add("int", "p", f"setp.{cmp}.{t} %p0, %{k}1, %{k}2;")
            add("same", "p", f"setp.{cmp}.{t} %p0, %{k}1, %{k}2;")
    for t in ["s32"]:
        add("int", "r", "add.sat.s32 %r0, %r1, %r2;")
        add("int", "r", "sub.sat.s32 %r0, %r1, %r2;")
        add("int", "r", "mad.hi.sat.s32 %r0, %r1, %r2, %r3;")
    for t in ["u32", "s32"]:
        for half in ["lo", "hi"]:
            add("int", "r", f"mul24.{half}.{t} %r0, %r1, %r2;")
            add("int", "r", f"mad24.{half}.{t} %r0, %r1, %r2, %r3;")
    add("int", "r", "mad24.hi.sat.s32 %r0, %r1, %r2, %r3;")
    for t in ["u16x2", "s16x2"]:
        for op in ["add", "min", "max"]:
            add("int", "r", f"{op}.{t} %r0, %r1, %r2;")
    add("int", "r", "min.relu.s16x2 %r0, %r1, %r2;")
    add("int", "r", "max.relu.s16x2 %r0, %r1, %r2;")
    add("int", "r", "min.relu.s32 %r0, %r1, %r2;")
    add("int", "r", "max.relu.s32 %r0, %r1, %r2;")
    for t in ["b32", "b64"]:
        k = REG[t[1:]]
        add("int", "r", f"popc.{t} %r0, %{k}1;")
        add("int", "r", f"clz.{t} %r0, %{k}1;")
        add("zero", "r", f"clz.{t} %r0, %{k}1;")
        add("int", k, f"brev.{t} %{k}0, %{k}1;")
        add("int", k, f"and.b32 %r2, %r3, 127; shr.u32 %r3, %r3, 8; and.b32 %r3, %r3, 127; bfi.{t} %{k}0, %{k}1, %d2, %r2, %r3;"
            if k == "d" else
            f"mov.b32 %r4, %r2; and.b32 %r2, %r3, 127; shr.u32 %r3, %r3, 8; and.b32 %r3, %r3, 127; bfi.{t} %{k}0, %{k}1, %r4, %r2, %r3;")
    for t in ["u32", "s32", "u64", "s64"]:
        k = REG[t[1:]]
        add("int", k, f"and.b32 %r2, %r3, 127; shr.u32 %r3, %r3, 8; and.b32 %r3, %r3, 127; bfe.{t} %{k}0, %{k}1, %r2, %r3;")
        add("int", k, f"and.b32 %r2, %r3, 31; shr.u32 %r3, %r3, 8; and.b32 %r3, %r3, 31; bfe.{t} %{k}0, %{k}1, %r2, %r3;")
        add("int", k, f"bfe.{t} %{k}0, %{k}1, %r2, %r3;")
        add("int", "r", f"bfind.{t} %r0, %{k}1;")
        add("int", "r", f"bfind.shiftamt.{t} %r0, %{k}1;")
        add("zero", "r", f"bfind.{t} %r0, %{k}1;")
        add("zero", "r", f"bfind.shiftamt.{t} %r0, %{k}1;")
    for m in ["clamp", "wrap"]:
        add("int", "r", f"and.b32 %r2, %r2, 63; bmsk.{m}.b32 %r0, %r1, %r2;")
        add("int", "r", f"and.b32 %r1, %r1, 63; and.b32 %r2, %r2, 63; bmsk.{m}.b32 %r0, %r1, %r2;")
        for s in ["u32", "s32"]:
            add("int", "r", f"and.b32 %r2, %r2, 63; szext.{m}.{s} %r0, %r1, %r2;")
        for d in ["l", "r"]:
            add("int", "r", f"and.b32 %r3, %r3, 63; shf.{d}.{m}.b32 %r0, %r1, %r2, %r3;")
            add("int", "r", f"shf.{d}.{m}.b32 %r0, %r1, %r2, %r3;")
    add("int", "r", "fns.b32 %r0, %r1, 5, 2;")
    add("int", "r", "and.b32 %r2, %r2, 31; fns.b32 %r0, %r1, %r2, 1;")
    add("int", "r", "and.b32 %r2, %r2, 31; fns.b32 %r0, %r1, %r2, -2;")
    add("int", "r", "and.b32 %r2, %r2, 31; fns.b32 %r0, %r1, %r2, 0;")
    for a in ["u32", "s32"]:
        for b in ["u32", "s32"]:
            add("int", "r", f"dp4a.{a}.{b} %r0, %r1, %r2, %r3;")
            for h in ["lo", "hi"]:
                add("int", "r", f"dp2a.{h}.{a}.{b} %r0, %r1, %r2, %r3;")
    # carries
    for t in ["u32", "u64"]:
        k = REG[t[1:]]
        z = "mov.u32 %r4, 0; addc.u32 %r4, %r4, 0;"
        add("int", "d", f"add.cc.{t} %{k}0, %{k}1, %{k}2; addc.{t} %{k}4, %{k}1, %{k}3;" + (" mov.b64 %d0, {%r0, %r4};" if k == "r" else " xor.b64 %d0, %d0, %d4;"))
        add("int", "d", f"sub.cc.{t} %{k}0, %{k}1, %{k}2; subc.{t} %{k}4, %{k}1, %{k}3;" + (" mov.b64 %d0, {%r0, %r4};" if k == "r" else " xor.b64 %d0, %d0, %d4;"))
        add("int", "d", f"add.cc.{t} %{k}0, %{k}1, %{k}2; addc.cc.{t} %{k}4, %{k}1, %{k}3; addc.{t} %{k}5, %{k}2, %{k}3;" + (" xor.b32 %r4, %r4, %r5; mov.b64 %d0, {%r0, %r4};" if k == "r" else " xor.b64 %d0, %d0, %d4; xor.b64 %d0, %d0, %d5;"))
        add("int", "d", f"sub.cc.{t} %{k}0, %{k}1, %{k}2; subc.cc.{t} %{k}4, %{k}1, %{k}3; subc.{t} %{k}5, %{k}2, %{k}3;" + (" xor.b32 %r4, %r4, %r5; mov.b64 %d0, {%r0, %r4};" if k == "r" else " xor.b64 %d0, %d0, %d4; xor.b64 %d0, %d0, %d5;"))
        add("int", "d", f"mad.lo.cc.{t} %{k}0, %{k}1, %{k}2, %{k}3; madc.hi.{t} %{k}4, %{k}1, %{k}2, %{k}3;" + (" mov.b64 %d0, {%r0, %r4};" if k == "r" else " xor.b64 %d0, %d0, %d4;"))
        add("int", "d", f"mad.hi.cc.{t} %{k}0, %{k}1, %{k}2, %{k}3; madc.lo.cc.{t} %{k}4, %{k}1, %{k}2, %{k}3; addc.{t} %{k}5, %{k}1, 0;" + (" xor.b32 %r4, %r4, %r5; mov.b64 %d0, {%r0, %r4};" if k == "r" else " xor.b64 %d0, %d0, %d4; xor.b64 %d0, %d0, %d5;"))
    # logic
    for t in ["b16", "b32", "b64"]:
        k = REG[t[1:]]
        for op in ["and", "or", "xor"]:
            add("int", k, f"{op}.{t} %{k}0, %{k}1, %{k}2;")
        add("int", k, f"not.{t} %{k}0, %{k}1;")
        add("int", k, f"cnot.{t} %{k}0, %{k}1;")
        add("zero", k, f"cnot.{t} %{k}0, %{k}1;")
        add("int", k, f"shl.{t} %{k}0, %{k}1, %r2;")
        add("int", k, f"and.b32 %r2, %r2, 79; shl.{t} %{k}0, %{k}1, %r2;")
        add("int", k, f"selp.{t} %{k}0, %{k}1, %{k}2, %p3;")
    for lut in [0xE8, 0x96, 0x80, 0x1B, 0xCA]:
        add("int", "r", f"lop3.b32 %r0, %r1, %r2, %r3, {lut};")
    add("int", "d", "lop3.or.b32 %r0|%p0, %r1, %r2, %r3, 0x80, %p1; selp.u32 %r4, 1, 0, %p0; mov.b64 %d0, {%r0, %r4};")
    add("int", "d", "lop3.and.b32 %r0|%p0, %r1, %r2, %r3, 0x80, %p1; selp.u32 %r4, 1, 0, %p0; mov.b64 %d0, {%r0, %r4};")
    add("int", "r", "prmt.b32 %r0, %r1, %r2, %r3;")
    for m in ["f4e", "b4e", "rc8", "ecl", "ecr", "rc16"]:
        add("int", "r", f"prmt.b32.{m} %r0, %r1, %r2, %r3;")
    for t, k in [("u32", "r"), ("s32", "r"), ("u64", "d"), ("s64", "d"), ("f32", "f")]:
        add("int", k, f"slct.{t}.s32 %{k}0, %{k}1, %{k}2, %r3;")
        add("f32", k, f"slct.{t}.f32 %{k}0, %{k}1, %{k}2, %f3;")
    add("f32", "f", "slct.ftz.f32.f32 %f0, %f1, %f2, %f3;")

    # floating point
    for t, k, pool in [("f32", "f", "f32"), ("f64", "fd", "f64")]:
        ftzs = ["", ".ftz"] if t == "f32" else [""]
        for rnd in ["", ".rn", ".rz", ".rm", ".rp"]:
            for ftz in ftzs:
                for sat in (["", ".sat"] if t == "f32" else [""]):
                    for op in ["add", "sub", "mul"]:
                        add(pool, k, f"{op}{rnd}{ftz}{sat}.{t} %{k}0, %{k}1, %{k}2;")
                        add(pool + "near", k, f"{op}{rnd}{ftz}{sat}.{t} %{k}0, %{k}1, %{k}2;")
                    if rnd:
                        add(pool, k, f"fma{rnd}{ftz}{sat}.{t} %{k}0, %{k}1, %{k}2, %{k}3;")
                        add(pool + "near", k, f"fma{rnd}{ftz}{sat}.{t} %{k}0, %{k}1, %{k}2, %{k}3;")
                        add(pool + "near", k, f"mad{rnd}{ftz}{sat}.{t} %{k}0, %{k}1, %{k}2, %{k}3;")
                if rnd:
                    add(pool, k, f"div{rnd}{ftz}.{t} %{k}0, %{k}1, %{k}2;")
                    add(pool + "near", k, f"div{rnd}{ftz}.{t} %{k}0, %{k}1, %{k}2;")
                    for op in ["rcp", "sqrt"]:
                        add(pool, k, f"{op}{rnd}{ftz}.{t} %{k}0, %{k}1;")
        for ftz in ftzs:
            for op in ["abs", "neg"]:
                add(pool, k, f"{op}{ftz}.{t} %{k}0, %{k}1;")
            for op in ["min", "max"]:
                add(pool, k, f"{op}{ftz}.{t} %{k}0, %{k}1, %{k}2;")
                if t == "f32":
                    add(pool, k, f"{op}{ftz}.NaN.{t} %{k}0, %{k}1, %{k}2;")
                    add(pool, k, f"{op}{ftz}.xorsign.abs.{t} %{k}0, %{k}1, %{k}2;")
                    add(pool, k, f"{op}{ftz}.NaN.xorsign.abs.{t} %{k}0, %{k}1, %{k}2;")
            for cmp in ["eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"]:
                add(pool, "p", f"setp.{cmp}{ftz}.{t} %p0, %{k}1, %{k}2;")
                add("same" + pool, "p", f"setp.{cmp}{ftz}.{t} %p0, %{k}1, %{k}2;")
            for b in ["and", "or", "xor"]:
                add(pool, "d", f"setp.lt.{b}{ftz}.{t} %p0|%p1, %{k}1, %{k}2, %p3; selp.u32 %r0, 1, 0, %p0; selp.u32 %r4, 1, 0, %p1; mov.b64 %d0, {{%r0, %r4}};")
                add(pool, "d", f"setp.geu.{b}{ftz}.{t} %p0|%p1, %{k}1, %{k}2, !%p3; selp.u32 %r0, 1, 0, %p0; selp.u32 %r4, 1, 0, %p1; mov.b64 %d0, {{%r0, %r4}};")
            add(pool, "f", f"set.gt{ftz}.f32.{t} %f0, %{k}1, %{k}2;")
            add(pool, "r", f"set.gt{ftz}.u32.{t} %r0, %{k}1, %{k}2;")
            add(pool, "r", f"set.ne.or{ftz}.s32.{t} %r0, %{k}1, %{k}2, !%p3;")
        for q in ["finite", "infinite", "number", "notanumber", "normal", "subnormal"]:
            add(pool, "p", f"testp.{q}.{t} %p0, %{k}1;")
        add(pool, k, f"copysign.{t} %{k}0, %{k}1, %{k}2;")
    for ftz in ["", ".ftz"]:
        for op in ["rcp.approx", "sqrt.approx", "rsqrt.approx", "sin.approx", "cos.approx", "lg2.approx", "ex2.approx"]:
            add("f32", "f", f"{op}{ftz}.f32 %f0, %f1;")
            add("f32near", "f", f"{op}{ftz}.f32 %f0, %f1;")
        for op in ["div.approx", "div.full"]:
            add("f32", "f", f"{op}{ftz}.f32 %f0, %f1, %f2;")
            add("f32near", "f", f"{op}{ftz}.f32 %f0, %f1, %f2;")
    add("f32", "f", "tanh.approx.f32 %f0, %f1;")
    add("f32near", "f", "tanh.approx.f32 %f0, %f1;")
    add("f64", "fd", "rcp.approx.ftz.f64 %fd0, %fd1;")
    add("f64", "fd", "rsqrt.approx.ftz.f64 %fd0, %fd1;")
    add("f64", "fd", "rsqrt.approx.f64 %fd0, %fd1;")
    # half types
    for t, k, pool in [("f16", "h", "f16"), ("f16x2", "r", "f16"), ("bf16", "h", "bf16"), ("bf16x2", "r", "bf16")]:
        half = t.startswith("f16")
        ftzs = ["", ".ftz"] if half else [""]
        for ftz in ftzs:
            for op in ["add", "sub", "mul"]:
                for rnd in ["", ".rn"]:
                    add(pool, k, f"{op}{rnd}{ftz}.{t} %{k}0, %{k}1, %{k}2;")
                if half:
                    add(pool, k, f"{op}{ftz}.sat.{t} %{k}0, %{k}1, %{k}2;")
            add(pool, k, f"fma.rn{ftz}.{t} %{k}0, %{k}1, %{k}2, %{k}3;")
            add(pool, k, f"fma.rn{ftz}.relu.{t} %{k}0, %{k}1, %{k}2, %{k}3;")
            if half:
                add(pool, k, f"fma.rn{ftz}.sat.{t} %{k}0, %{k}1, %{k}2, %{k}3;")
            for op in ["neg", "abs"]:
                add(pool, k, f"{op}{ftz}.{t} %{k}0, %{k}1;")
            for op in ["min", "max"]:
                add(pool, k, f"{op}{ftz}.{t} %{k}0, %{k}1, %{k}2;")
                add(pool, k, f"{op}{ftz}.NaN.{t} %{k}0, %{k}1, %{k}2;")
                add(pool, k, f"{op}{ftz}.xorsign.abs.{t} %{k}0, %{k}1, %{k}2;")
            add(pool, k, f"ex2.approx.ftz.{t} %{k}0, %{k}1;" if not half else f"ex2.approx{ftz}.{t} %{k}0, %{k}1;")
            for cmp in ["eq", "lt", "ge", "neu", "ltu", "num", "nan"]:
                if k == "h":
                    add(pool, "p", f"setp.{cmp}{ftz}.{t} %p0, %h1, %h2;")
                else:
                    add(pool, "d", f"setp.{cmp}{ftz}.{t} %p0|%p1, %r1, %r2; selp.u32 %r0, 1, 0, %p0; selp.u32 %r4, 1, 0, %p1; mov.b64 %d0, {{%r0, %r4}};")
                add(pool, k, f"set.{cmp}{ftz}.{t}.{t} %{k}0, %{k}1, %{k}2;")
                if k == "r":
                    add(pool, k, f"set.{cmp}{ftz}.u32.{t} %{k}0, %{k}1, %{k}2;")
        add(pool, k, f"tanh.approx.{t} %{k}0, %{k}1;")
    # conversions
    ints = ["u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"]
    reg = lambda t: "h" if t[1:] == "16" else "r" if t[1:] in ("8", "32") else "d"
    for d in ints:
        for s in ints:
            if d == s: continue
            for sat in ["", ".sat"]:
                add("int", reg(d), f"cvt{sat}.{d}.{s} %{reg(d)}0, %{reg(s)}1;")
                add("small", reg(d), f"cvt{sat}.{d}.{s} %{reg(d)}0, %{reg(s)}1;")
    floats = {"f16": "h", "bf16": "h", "f32": "f", "f64": "fd"}
    for s in floats:
        for d in ints:
            for rnd in ["rni", "rzi", "rmi", "rpi"]:
                for ftz in (["", ".ftz"] if s == "f32" else [""]):
                    for sat in ["", ".sat"]:
                        for pool in [s if s in ("f16", "bf16") else s, s + "int" if s in ("f32", "f64") else s]:
                            add(pool, reg(d), f"cvt.{rnd}{ftz}{sat}.{d}.{s} %{reg(d)}0, %{floats[s]}1;")
        for d in ints:
            for rnd in ["rn", "rz", "rm", "rp"]:
                add("int", floats[s], f"cvt.{rnd}.{s}.{d} %{floats[s]}0, %{reg(d)}1;")
                if s in ("f16", "f32"):
                    add("small", floats[s], f"cvt.{rnd}.sat.{s}.{d} %{floats[s]}0, %{reg(d)}1;")
    for s in floats:
        for d in floats:
            for rnd in ["", "rn", "rz", "rm", "rp", "rni", "rzi", "rmi", "rpi"]:
                for ftz in ["", ".ftz"]:
                    for sat in ["", ".sat"]:
                        r = f".{rnd}" if rnd else ""
                        for pool in ([s, s + "near"] if s in ("f32", "f64") else [s]):
                            add(pool, floats[d], f"cvt{r}{ftz}{sat}.{d}.{s} %{floats[d]}0, %{floats[s]}1;")
    for rnd in ["rn", "rz"]:
        for relu in ["", ".relu"]:
            for sf in ["", ".satfinite"]:
                for d in ["f16", "bf16"]:
                    for pool in ["f32", "f32near"]:
                        add(pool, "h", f"cvt.{rnd}{relu}{sf}.{d}.f32 %h0, %f1;")
                        add(pool, "r", f"cvt.{rnd}{relu}{sf}.{d}x2.f32 %r0, %f1, %f2;")
                for pool in ["f32", "f32near"]:
                    add(pool, "r", f"cvt.{rnd}{relu}{sf}.tf32.f32 %r0, %f1;")
    for pool in ["f32", "f32near"]:
        add(pool, "r", "cvt.rna.tf32.f32 %r0, %f1;")
        add(pool, "r", "cvt.rna.satfinite.tf32.f32 %r0, %f1;")
        for t in ["e4m3x2", "e5m2x2"]:
            for relu in ["", ".relu"]:
                add(pool, "h", f"cvt.rn.satfinite{relu}.{t}.f32 %h0, %f1, %f2;")
    for t in ["e4m3x2", "e5m2x2"]:
        for relu in ["", ".relu"]:
            add("f16", "h", f"cvt.rn.satfinite{relu}.{t}.f16x2 %h0, %r1;")
            add("int", "r", f"cvt.rn{relu}.f16x2.{t} %r0, %h1;")
    for d in ["u8", "s8"]:
        for s in ["s32"]:
            add("int", "r", f"cvt.pack.sat.{d}.{s}.b32 %r0, %r1, %r2, %r3;")
            add("small", "r", f"cvt.pack.sat.{d}.{s}.b32 %r0, %r1, %r2, %r3;")
    for d in ["u16", "s16"]:
        add("small", "r", f"cvt.pack.sat.{d}.s32 %r0, %r1, %r2;")
    # moves and packing
    add("int", "d", "mov.b64 %d0, {%r1, %r2};")
    add("int", "d", "mov.b64 {%r4, %r5}, %d1; add.u32 %r4, %r4, %r5; cvt.u64.u32 %d0, %r4;")
    add("int", "r", "mov.b32 %r0, {%h1, %h2};")
    add("int", "d", "mov.b64 {%h4, %h5, %h6, %h7}, %d1; mov.b64 %d0, {%h7, %h4, %h6, %h5};")
    # exchange within a warp
    full = "0xffffffff"
    for m in ["up", "down", "bfly", "idx"]:
        for c in ["0", "31", "0x1c1f", "0x0f00", "0x181f"]:
            add("int", "d", f"and.b32 %r2, %r2, 31; shfl.sync.{m}.b32 %r0|%p0, %r1, %r2, {c}, {full}; selp.u32 %r4, 1, 0, %p0; mov.b64 %d0, {{%r0, %r4}};")
            add("int", "d", f"shfl.sync.{m}.b32 %r0|%p0, %r1, 5, {c}, {full}; selp.u32 %r4, 1, 0, %p0; mov.b64 %d0, {{%r0, %r4}};")
    for m in ["all", "any", "uni"]:
        add("int", "p", f"vote.sync.{m}.pred %p0, %p1, {full};")
        add("int", "p", f"vote.sync.{m}.pred %p0, !%p1, {full};")
    add("int", "r", f"vote.sync.ballot.b32 %r0, %p1, {full};")
    add("int", "r", f"and.b32 %r1, %r1, 3; match.any.sync.b32 %r0, %r1, {full};")
    add("int", "r", f"and.b64 %d1, %d1, 3; match.any.sync.b64 %r0, %d1, {full};")
    add("int", "d", f"match.all.sync.b32 %r0|%p0, %r1, {full}; selp.u32 %r4, 1, 0, %p0; mov.b64 %d0, {{%r0, %r4}};")
    add("zero", "d", f"match.all.sync.b32 %r0|%p0, %r1, {full}; selp.u32 %r4, 1, 0, %p0; mov.b64 %d0, {{%r0, %r4}};")
    for op in ["add", "min", "max"]:
        for t in ["u32", "s32"]:
            add("int", "r", f"redux.sync.{op}.{t} %r0, %r1, {full};")
    for op in ["and", "or", "xor"]:
        add("int", "r", f"redux.sync.{op}.b32 %r0, %r1, {full};")
    add("int", "d", f"elect.sync %r0|%p0, {full}; selp.u32 %r4, 1, 0, %p0; mov.b64 %d0, {{%r0, %r4}};")
    add("int", "r", "activemask.b32 %r0;")
    for m in ["lt", "le", "eq", "ge", "gt"]:
        add("int", "r", f"mov.u32 %r0, %lanemask_{m};")
    add("int", "r", "movmatrix.sync.aligned.m8n8.trans.b16 %r0, %r1;")
    # atomics on a slot of the thread's own: old and new value
    for space, slot in [("global", "%slot"), ("shared", "%sslot")]:
        for t, k in [("u32", "r"), ("s32", "r"), ("b32", "r"), ("u64", "d"), ("s64", "d"), ("b64", "d"), ("f32", "f"), ("f64", "fd"),
                     ("f16x2", "r"), ("bf16x2", "r"), ("f16", "h"), ("bf16", "h")]:
            ops = {"u32": ["add", "min", "max", "inc", "dec"], "s32": ["add", "min", "max"], "u64": ["add", "min", "max"], "s64": ["min", "max"],
                   "b32": ["and", "or", "xor", "exch", "cas"], "b64": ["and", "or", "xor", "exch", "cas"], "f32": ["add"], "f64": ["add"],
                   "f16x2": ["add.noftz"], "bf16x2": ["add.noftz"], "f16": ["add.noftz"], "bf16": ["add.noftz"]}[t]
            for op in ops:
                if space == "shared" and t in ("f16x2", "bf16x2"):
                    continue  # of ptxas 13.0's loop, the upper half is not the sum but anything
                pool = {"f32": "f32", "f64": "f64", "f16": "f16", "f16x2": "f16", "bf16": "bf16", "bf16x2": "bf16"}.get(t, "int")
                more = f", %{k}3" if op == "cas" else ""
                st = {"h": "b16", "r": "b32", "f": "f32", "d": "b64", "fd": "f64"}[k]
                tail = {"h": "cvt.u64.u16 %d0, %h0; cvt.u64.u16 %d4, %h4;", "r": "cvt.u64.u32 %d0, %r0; cvt.u64.u32 %d4, %r4;",
                        "f": "mov.b32 %r0, %f0; mov.b32 %r4, %f4; cvt.u64.u32 %d0, %r0; cvt.u64.u32 %d4, %r4;", "d": "", "fd": "mov.b64 %d0, %fd0; mov.b64 %d4, %fd4;"}[k]
                mixv = "shl.b64 %d4, %d4, 32; xor.b64 %d0, %d0, %d4;" if k not in ("d", "fd") else "mul.lo.u64 %d4, %d4, 3; xor.b64 %d0, %d0, %d4;"
                for pools in ([pool] if op != "cas" else ["int", "same"]):
                    out.append((pools, f"st.{space}.{st} [{slot}], %{k}1; atom.{space}.{op}.{t} %{k}0, [{slot}], %{k}2{more}; ld.{space}.{st} %{k}4, [{slot}]; {tail} {mixv}"))
    return out


def module(cases, version="9.0", target="sm_90a"):
    lines = [f".version {version}", f".target {target}", ".address_size 64", ""]
    for i, (_, text) in enumerate(cases):
        body = text.replace("; ", ";\n  ")
        lines.append(f""".visible .entry case_{i}(.param .u64 input, .param .u64 output, .param .u64 scratch)
{{
  .reg .pred %p<8>;
  .reg .b16 %h<8>;
  .reg .b32 %r<8>, %id, %sslot, %t;
  .reg .f32 %f<8>;
  .reg .f64 %fd<8>;
  .reg .b64 %d<8>, %in, %out, %slot, %o;
  .shared .align 8 .b8 own[1024];
  mov.u32 %id, %tid.x;
  ld.param.u64 %in, [input];
  ld.param.u64 %out, [output];
  ld.param.u64 %slot, [scratch];
  mad.wide.u32 %in, %id, 24, %in;
  mad.wide.u32 %out, %id, 8, %out;
  mad.wide.u32 %slot, %id, 8, %slot;
  mov.u32 %sslot, own;
  mad.lo.u32 %sslot, %id, 8, %sslot;
  ld.global.b64 %d1, [%in];
  ld.global.b64 %d2, [%in+8];
  ld.global.b64 %d3, [%in+16];
  cvt.u32.u64 %r1, %d1;
  cvt.u32.u64 %r2, %d2;
  cvt.u32.u64 %r3, %d3;
  cvt.u16.u64 %h1, %d1;
  cvt.u16.u64 %h2, %d2;
  cvt.u16.u64 %h3, %d3;
  mov.b32 %f1, %r1;
  mov.b32 %f2, %r2;
  mov.b32 %f3, %r3;
  mov.b64 %fd1, %d1;
  mov.b64 %fd2, %d2;
  mov.b64 %fd3, %d3;
  and.b32 %t, %r1, 1;
  setp.ne.u32 %p1, %t, 0;
  and.b32 %t, %r2, 1;
  setp.ne.u32 %p2, %t, 0;
  and.b32 %t, %r3, 1;
  setp.ne.u32 %p3, %t, 0;
  {body}
  st.global.b64 [%out], %d0;
  ret;
}}
""")
    return "\n".join(lines)


def list_cases(folder):
    """Drops what ptxas refuses: the loops above make some combinations that do not exist."""
    kept = list(dict.fromkeys(cases()))
    while True:
        text = module(kept)
        with open(f"{folder}/cases.ptx", "w") as file:
            file.write(text)
        run = subprocess.run(["ptxas", "-arch=sm_90a", f"{folder}/cases.ptx", "-o", f"{folder}/cases.cubin"], capture_output=True, text=True)
        if run.returncode == 0:
            break
        owner, current = [], None
        for line in text.split("\n"):
            start = re.match(r"\.visible \.entry case_(\d+)\(", line)
            current = int(start.group(1)) if start else current
            owner.append(current)
        refused = {owner[int(line) - 1] for line in re.findall(r"line (\d+); error", run.stderr)}
        if not refused:
            raise SystemExit(run.stderr)
        kept = [case for i, case in enumerate(kept) if i not in refused]
    with open(f"{folder}/cases.json", "w") as file:
        json.dump(kept, file)
    print(len(kept), "cases")


class Driver:
    """The few functions of libcuda that it takes."""

    def __init__(self):
        self.cuda = ctypes.CDLL("libcuda.so.1")
        self("cuInit", 0)
        device, context = ctypes.c_int(), ctypes.c_void_p()
        self("cuDeviceGet", ctypes.byref(device), 0)
        self("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
        self("cuCtxSetCurrent", context)
        name = ctypes.create_string_buffer(100)
        self("cuDeviceGetName", name, 100, device)
        self.name = name.value.decode()

    def __call__(self, function, *arguments):
        status = getattr(self.cuda, function)(*arguments)
        if status:
            raise SystemExit(f"{function}: {status}")

    def allocate(self, size):
        address = ctypes.c_uint64()
        self("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(size))
        return address

    def upload(self, data):
        address = self.allocate(len(data))
        self("cuMemcpyHtoD_v2", address, data, ctypes.c_size_t(len(data)))
        return address


def measure(folder):
    driver = Driver()
    print(driver.name)
    with open(f"{folder}/cases.json") as file:
        kept = json.load(file)
    image, code = ctypes.c_void_p(), open(f"{folder}/cases.cubin", "rb").read()
    driver("cuModuleLoadData", ctypes.byref(image), code)
    drawn = pools()
    inputs = {name: driver.upload(b"".join(struct.pack("<Q", w) for row in rows for w in row)) for name, rows in drawn.items()}
    size = THREADS * 8
    outputs, scratch = driver.allocate(len(kept) * size), driver.allocate(size)
    for i, (pool, _) in enumerate(kept):
        kernel = ctypes.c_void_p()
        driver("cuModuleGetFunction", ctypes.byref(kernel), image, f"case_{i}".encode())
        values = [inputs[pool], ctypes.c_uint64(outputs.value + i * size), scratch]
        pointers = (ctypes.c_void_p * 3)(*[ctypes.addressof(value) for value in values])
        driver("cuLaunchKernel", kernel, 1, 1, 1, THREADS, 1, 1, 0, None, pointers, None)
    driver("cuCtxSynchronize")
    result = ctypes.create_string_buffer(len(kept) * size)
    driver("cuMemcpyDtoH_v2", result, outputs, ctypes.c_size_t(len(kept) * size))
    with gzip.open(f"{folder}/h100-instructions.txt.gz", "wt", 9) as file:
        for name, rows in drawn.items():
            file.write("pool\t%s\t%s\n" % (name, " ".join("%x" % w for row in rows for w in row)))
        for i, (pool, text) in enumerate(kept):
            words = struct.unpack_from(f"<{THREADS}Q", result, i * size)
            file.write("case_%d\t%s\t%s\t%s\n" % (i, pool, " ".join("%x" % w for w in words), text))
    with open(f"{folder}/cases.ptx", "rb") as source, gzip.open(f"{folder}/h100-instructions.ptx.gz", "wb", 9) as file:
        file.write(source.read())
    print(len(kept), "cases measured")


if __name__ == "__main__":
    {"list": list_cases, "measure": measure}[sys.argv[1]](sys.argv[2])
