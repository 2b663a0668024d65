"""Writes the model folder: model.onnx, tokenizer.json, config.json. Torch's graph, then 8-bit weights."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from nlp.train.packaged import Packaged

SMALLEST = 4096


def export(model: Packaged, folder: Path) -> None:
    """`model` as folder/model.onnx with a free batch and length; matrix weights stored as int8."""
    model.eval()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.onnx"
    example = torch.randint(5, 1000, (3, 17))
    example[1, 10:] = 0
    torch.onnx.export(
        model, (example,), str(path), input_names=["input_ids"], output_names=["logits"], opset_version=17,
        dynamic_axes={"input_ids": {0: "batch", 1: "tokens"}, "logits": {0: "batch"}}, dynamo=False,
    )  # fmt: skip
    graph = onnx.load(path)
    store_as_int8(graph)
    onnx.save(graph, path)


def store_as_int8(model: onnx.ModelProto) -> None:
    """Every large float matrix becomes int8 with a scale a column, turned back once when the session loads.

    Sums stay in float32. Cast and Mul are folded into a constant on loading; DequantizeLinear would be fused
    into an 8-bit product instead, which is several times slower on processors without 8-bit dot products.
    """
    added = []
    for tensor in list(model.graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or len(tensor.dims) != 2 or np.prod(tensor.dims) < SMALLEST:
            continue
        values = numpy_helper.to_array(tensor)
        scale = np.maximum(np.abs(values).max(axis=0), 1e-9).astype(np.float32) / 127
        small = np.clip(np.round(values / scale), -127, 127).astype(np.int8)
        name = tensor.name
        model.graph.initializer.remove(tensor)
        model.graph.initializer.extend(
            [numpy_helper.from_array(small, name + "_q"), numpy_helper.from_array(scale, name + "_s")]
        )
        added.append(helper.make_node("Cast", [name + "_q"], [name + "_f"], to=TensorProto.FLOAT))
        added.append(helper.make_node("Mul", [name + "_f", name + "_s"], [name]))
    for node in reversed(added):
        model.graph.node.insert(0, node)


def write_config(folder: Path, name: str, max_tokens: int, own: dict[str, Any]) -> str:
    """config.json; the version is the fingerprint of the graph, the tokenizer and the calibration."""
    digest = hashlib.sha256()
    for part in ("model.onnx", "tokenizer.json"):
        digest.update((folder / part).read_bytes())
    digest.update(json.dumps(own, sort_keys=True).encode())
    version = f"1-{digest.hexdigest()[:10]}"
    config = {
        "id2label": {"0": "complaint", "1": "neutral", "2": "praise"},
        "label2id": {"complaint": 0, "neutral": 1, "praise": 2},
        "pad_token_id": 0,
        "gwidam": {"name": name, "version": version, "max_tokens": max_tokens, "by_words": True, **own},
    }
    (folder / "config.json").write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return version
