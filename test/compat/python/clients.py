"""Calls one client library against a server and prints what came back as one JSON object.

    python clients.py CLIENT URL MODEL

Nothing here knows Fireside: each part is written as its library's own documentation says.
"""

import json
import os
import sys

QUESTION = "What is the capital of France? Answer in one sentence."
TOOL = {
    "type": "object",
    "properties": {"place": {"type": "string"}},
    "required": ["place"],
}


def with_openai(url: str, model: str) -> dict:
    from openai import OpenAI

    client = OpenAI(base_url=f"{url}/v1", api_key="sk-anything", max_retries=0)
    messages = [{"role": "user", "content": QUESTION}]
    whole = client.chat.completions.create(model=model, messages=messages, temperature=0)
    streamed = "".join(
        chunk.choices[0].delta.content or ""
        for chunk in client.chat.completions.create(model=model, messages=messages, temperature=0, stream=True)
        if chunk.choices
    )
    function = {"name": "get_weather", "description": "The weather of a place", "parameters": TOOL}
    called = client.chat.completions.create(
        model=model,
        messages=messages,
        tools=[{"type": "function", "function": function}],
        tool_choice="required",
        temperature=0,
        max_tokens=60,
    )
    call = called.choices[0].message.tool_calls[0].function
    embedding = client.embeddings.create(model=model, input=["warm", "cold"])
    response = client.responses.create(model=model, input=QUESTION, temperature=0)
    return {
        "models": [entry.id for entry in client.models.list()],
        "whole": whole.choices[0].message.content,
        "streamed": streamed,
        "tool": [call.name, sorted(json.loads(call.arguments))],
        "vectors": len(embedding.data),
        "response": response.output_text,
    }


def with_ollama(url: str, model: str) -> dict:
    from ollama import Client

    client = Client(host=url)
    messages = [{"role": "user", "content": QUESTION}]
    options = {"temperature": 0}
    whole = client.chat(model=model, messages=messages, options=options)
    streamed = "".join(
        part.message.content for part in client.chat(model=model, messages=messages, options=options, stream=True)
    )
    return {
        "models": [entry.model for entry in client.list().models],
        "whole": whole.message.content,
        "streamed": streamed,
        "generated": client.generate(model=model, prompt=QUESTION, options=options).response,
        "vectors": len(client.embed(model=model, input=["warm", "cold"]).embeddings),
        "running": [entry.model for entry in client.ps().models],
    }


def with_anthropic(url: str, model: str) -> dict:
    from anthropic import Anthropic

    client = Anthropic(base_url=url, api_key="anything", max_retries=0)
    messages = [{"role": "user", "content": QUESTION}]
    asked = {"model": model, "max_tokens": 50, "messages": messages, "extra_body": {"temperature": 0}}
    whole = client.messages.create(**asked)
    with client.messages.stream(**asked) as stream:
        streamed = stream.get_final_text()
    return {
        "whole": whole.content[0].text,
        "streamed": streamed,
        "counted": client.messages.count_tokens(model=model, messages=messages).input_tokens,
    }


def with_litellm(url: str, model: str) -> dict:
    # Without this it asks the network for a price list.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm

    messages = [{"role": "user", "content": QUESTION}]
    asked = {"messages": messages, "temperature": 0, "num_retries": 0}
    openai = litellm.completion(model=f"openai/{model}", api_base=f"{url}/v1", api_key="sk-anything", **asked)
    ollama = litellm.completion(model=f"ollama_chat/{model}", api_base=url, **asked)
    streamed = "".join(
        chunk.choices[0].delta.content or ""
        for chunk in litellm.completion(
            model=f"openai/{model}", api_base=f"{url}/v1", api_key="sk-anything", stream=True, **asked
        )
    )
    return {
        "whole": openai.choices[0].message.content,
        "ollama": ollama.choices[0].message.content,
        "streamed": streamed,
    }


def with_llm(url: str, model: str) -> dict:
    import llm
    from llm.default_plugins.openai_models import Chat

    chat = Chat(model_id="local", model_name=model, api_base=f"{url}/v1", key="sk-anything")
    chat.key = "sk-anything"
    response = chat.prompt(QUESTION, temperature=0)
    return {"whole": response.text(), "version": getattr(llm, "__version__", "")}


CLIENTS = {
    "openai": with_openai,
    "ollama": with_ollama,
    "anthropic": with_anthropic,
    "litellm": with_litellm,
    "llm": with_llm,
}

if __name__ == "__main__":
    name, url, model = sys.argv[1:4]
    print(json.dumps(CLIENTS[name](url, model)))
