"""Makes a model that has learned one tool call and the reply to its outcome, in some seconds.

    python make_tiny.py FOLDER

A byte tokenizer, two layers, a chat template that shows the model the last message's role alone:
what is tested is the server and the loop, not the model.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"]
CALL = '<tool_call>\n{"name": "search_curriculum", "arguments": {"query": "bias"}}\n</tool_call><|im_end|>'
REPLY = "The bias slides the line along the arrow [perceptron › Idea].<|im_end|>"
PROMPT = "<|im_start|>{role}<|im_end|><|im_start|>assistant\n"
"""The server tells words from prompt by these last marks."""
TEMPLATE = """{{ '<|im_start|>' + messages[-1]['role'] + '<|im_end|><|im_start|>assistant\\n' }}"""
TURNS = [("user", CALL), ("tool", REPLY)]
STEPS = 300


def make_tokenizer() -> PreTrainedTokenizerFast:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate([*SPECIAL, *alphabet])}
    raw = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    raw.decoder = decoders.ByteLevel()
    raw.add_special_tokens(SPECIAL[:3])
    raw.add_tokens(SPECIAL[3:])
    made = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    made.chat_template = TEMPLATE
    return made


def train(tokenizer: PreTrainedTokenizerFast) -> Qwen3ForCausalLM:
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2, head_dim=16,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, bos_token_id=None,
    )  # fmt: skip
    model = Qwen3ForCausalLM(config)
    prompts = [PROMPT.format(role=role) for role, _ in TURNS]
    rows = [tokenizer.encode(prompt + answer) for prompt, (_, answer) in zip(prompts, TURNS, strict=True)]
    longest = max(map(len, rows))
    ids = torch.tensor([row + [tokenizer.pad_token_id] * (longest - len(row)) for row in rows])
    targets = ids.masked_fill(ids == tokenizer.pad_token_id, -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for step in range(STEPS):
        loss = model(input_ids=ids, labels=targets).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step > 50 and loss.item() < 0.005:
            break
    model.generation_config.do_sample = False
    model.generation_config.max_new_tokens = 200
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    return model


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)  # so small a model loses more by threads than it gains
    tokenizer = make_tokenizer()
    train(tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
