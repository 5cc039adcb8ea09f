// Programs that can be pointed at Fireside, and what each must be told. A data table and its types: the names are those of each program's
// own documentation.

export interface LaunchTarget {
  /** Without a slash at its end. */
  readonly url: string
  readonly key: string
  readonly model: string
}

/** A program that takes its server from the environment and from flags. */
export interface LaunchedProgram {
  readonly type: "program"
  readonly name: string
  readonly title: string
  readonly program: string
  /** How it is installed, for whoever does not have it. */
  readonly install: string
  /** An empty text unsets what the user's own environment says. */
  environment(target: LaunchTarget): Readonly<Record<string, string>>
  /** Before the user's own arguments. Defaults to none. */
  arguments?(target: LaunchTarget): readonly string[]
}

/** A program that takes its server from a settings file only. */
export interface SetProgram {
  readonly type: "settings"
  readonly name: string
  readonly title: string
  readonly file: string
  settings(target: LaunchTarget): string
}

export type LaunchTool = LaunchedProgram | SetProgram

const json = (value: unknown): string => JSON.stringify(value, undefined, 2)
/** TOML's basic strings and YAML's double-quoted ones are written like JSON's. */
const quoted = (text: string): string => JSON.stringify(text)

export const LAUNCH_TOOLS: readonly LaunchTool[] = [
  {
    type: "program",
    name: "claude",
    title: "Claude Code",
    program: "claude",
    install: "npm install -g @anthropic-ai/claude-code",
    environment: ({ url, key, model }) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_AUTH_TOKEN: key,
      // It would win over the token, and is meant for somebody else.
      ANTHROPIC_API_KEY: "",
      ANTHROPIC_MODEL: model,
      ANTHROPIC_DEFAULT_OPUS_MODEL: model,
      ANTHROPIC_DEFAULT_SONNET_MODEL: model,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
      // Of versions that do not know the three above.
      ANTHROPIC_SMALL_FAST_MODEL: model,
      CLAUDE_CODE_SUBAGENT_MODEL: model,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    }),
  },
  {
    type: "program",
    name: "codex",
    title: "Codex",
    program: "codex",
    install: "npm install -g @openai/codex",
    environment: ({ key }) => ({ OPENAI_API_KEY: key }),
    // Its own provider `openai` cannot be changed, so it gets another one.
    arguments: ({ url, model }) => [
      "-c",
      `model_providers.fireside={name="Fireside",base_url=${quoted(`${url}/v1`)},wire_api="responses",env_key="OPENAI_API_KEY"}`,
      "-c",
      'model_provider="fireside"',
      "-c",
      `model=${quoted(model)}`,
    ],
  },
  {
    type: "program",
    name: "aider",
    title: "aider",
    program: "aider",
    install: "python -m pip install aider-install && aider-install",
    environment: ({ url, key, model }) => ({
      OPENAI_API_BASE: `${url}/v1`,
      OPENAI_API_KEY: key,
      AIDER_MODEL: `openai/${model}`,
    }),
  },
  {
    type: "program",
    name: "opencode",
    title: "opencode",
    program: "opencode",
    install: "npm install -g opencode-ai",
    environment: ({ url, key, model }) => ({
      OPENCODE_CONFIG_CONTENT: JSON.stringify({
        model: `fireside/${model}`,
        provider: {
          fireside: {
            npm: "@ai-sdk/openai-compatible",
            name: "Fireside",
            options: { baseURL: `${url}/v1`, apiKey: key },
            models: { [model]: { name: model } },
          },
        },
      }),
    }),
  },
  {
    type: "program",
    name: "goose",
    title: "goose",
    program: "goose",
    install: "see https://goose-docs.ai",
    environment: ({ url, key, model }) => ({
      GOOSE_PROVIDER: "openai",
      GOOSE_MODEL: model,
      OPENAI_HOST: url,
      OPENAI_API_KEY: key,
    }),
  },
  {
    type: "program",
    name: "qwen",
    title: "Qwen Code",
    program: "qwen",
    install: "npm install -g @qwen-code/qwen-code",
    environment: ({ url, key, model }) => ({
      OPENAI_BASE_URL: `${url}/v1`,
      OPENAI_API_KEY: key,
      OPENAI_MODEL: model,
    }),
  },
  {
    type: "program",
    name: "openwebui",
    title: "Open WebUI",
    program: "open-webui",
    install: "pip install open-webui",
    environment: ({ url, key, model }) => ({
      OPENAI_API_BASE_URL: `${url}/v1`,
      OPENAI_API_KEY: key,
      ENABLE_OLLAMA_API: "false",
      DEFAULT_MODELS: model,
      DO_NOT_TRACK: "true",
      SCARF_NO_ANALYTICS: "true",
      ANONYMIZED_TELEMETRY: "false",
    }),
    arguments: () => ["serve"],
  },
  {
    type: "settings",
    name: "continue",
    title: "Continue",
    file: "~/.continue/config.yaml",
    settings: ({ url, key, model }) =>
      [
        "name: Fireside",
        "version: 0.0.1",
        "schema: v1",
        "models:",
        `  - name: ${quoted(model)}`,
        "    provider: openai",
        `    model: ${quoted(model)}`,
        `    apiBase: ${quoted(`${url}/v1`)}`,
        `    apiKey: ${quoted(key)}`,
        "    roles: [chat, edit, apply, autocomplete]",
      ].join("\n"),
  },
  {
    type: "settings",
    name: "zed",
    title: "Zed",
    file: "~/.config/zed/settings.json",
    settings: ({ url, model }) =>
      json({
        language_models: { ollama: { api_url: url } },
        agent: { default_model: { provider: "ollama", model } },
      }),
  },
]
