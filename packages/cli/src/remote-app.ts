// The app with its models in the running server: what computes goes there, so that a model is loaded once and stays. Everything else works on
// the same data folder from here.
import { resolve } from "node:path"
import type { App, RunOptions } from "@fireside/app"
import type { ChatEvent, Client, WaitEvent } from "@fireside/protocol"

export interface RemoteAppOptions {
  /** What relative paths of models are meant from: the server stands elsewhere. */
  readonly folder: string
}

export function withServer(local: App, client: Client, { folder }: RemoteAppOptions): App {
  const there = <Request extends { readonly model: string }>(request: Request): Request => ({
    ...request,
    model: absoluteReference(request.model, folder),
  })
  const isLoaded = async (model: string, signal: AbortSignal): Promise<boolean> =>
    (await client.models.running(signal)).some(({ name }) => name === model || name === `${model}:latest`)

  const own: Partial<App> = {
    // The engine is the server's.
    prepare: async () => {},
    chat: (request, options, signal) =>
      withoutWaiting(client.chat({ ...there(request), ...runFields(options) }, signal), options),
    complete: (request, options, signal) => {
      const { stop, ...rest } = there(request)
      const body = {
        ...rest,
        ...(stop === undefined ? {} : { stop: [...stop] }),
        prompt: wirePrompt(rest.prompt),
      }
      return withoutWaiting(client.complete({ ...body, ...runFields(options) }, signal), options)
    },
    async load(request, options, signal) {
      if (options.onLoad !== undefined && !(await isLoaded(request.model, signal)))
        options.onLoad(request.model)
      return client.load({ ...there(request), ...loadFields(options) }, signal)
    },
    async embed(request, options, signal) {
      const texts = request.texts.map((text) => (typeof text === "string" ? text : [...text]))
      const answer = await client.embed({ ...there(request), texts, ...loadFields(options) }, signal)
      return { ...answer, vectors: answer.vectors.map((vector) => Float32Array.from(vector)) }
    },
    rerank: (request, options, signal) =>
      client.rerank({ ...there(request), documents: [...request.documents], ...loadFields(options) }, signal),
    tokenize: (request, signal) => client.tokenize(there(request), signal),
    detokenize: (request, signal) =>
      client.detokenize({ ...there(request), tokens: [...request.tokens] }, signal),
    render: (request, signal) => client.render(there(request), signal),
    // What a loaded model holds is the server's; what a local deletion takes along is on disk too.
    prefixes: {
      status: () => client.prefixes.status(),
      clear: (wish) => client.prefixes.clear(wish),
      pin: (wish, signal) => client.prefixes.pin(there(wish), signal),
      unpin: (name) => client.prefixes.unpin(name),
      endTemporary: (id) => client.endTemporaryChat(id),
      forget: (wish) => local.prefixes.forget(wish),
      forgetGone: () => local.prefixes.forgetGone(),
    },
    // What its models hold of a conversation goes with it, and those who follow are told at once.
    conversations: Object.assign(Object.create(local.conversations) as App["conversations"], {
      erase: (id) => client.conversations.remove(id, { forever: true }),
      emptyTrash: (_owner, signal) => client.conversations.emptyTrash(signal),
    } satisfies Partial<App["conversations"]>),
    // What its models hold of a key's texts goes with the key.
    keys: Object.assign(Object.create(local.keys) as App["keys"], {
      revoke: (idOrName) => client.keys.revoke(idOrName),
    } satisfies Partial<App["keys"]>),
    insertedSystem: (model, signal) => client.insertedSystem(absoluteReference(model, folder), signal),
    bench: {
      run: (request, signal) => client.bench.run(there(request), signal),
      history: (model) => local.bench.history(model),
    },
    models: Object.assign(Object.create(local.models) as App["models"], {
      running: () => client.models.running(),
      stop: (reference, signal) => client.models.stop(absoluteReference(reference, folder), signal),
    } satisfies Partial<App["models"]>),
  }
  return Object.assign(Object.create(local) as App, own)
}

/** A timer of Node counts no further; beyond it is for ever. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

function loadFields({ keepAliveMs, wish }: RunOptions) {
  return {
    ...(keepAliveMs === undefined ? {} : { keepAliveMs: keepAliveMs > LONGEST_TIMER_MS ? -1 : keepAliveMs }),
    ...(wish === undefined ? {} : { wish }),
  }
}

function runFields(options: RunOptions) {
  const { id, tellInsertedSystem, temporary } = options
  return {
    ...loadFields(options),
    ...(id === undefined ? {} : { id }),
    ...(tellInsertedSystem === undefined ? {} : { tellInsertedSystem }),
    ...(temporary === undefined ? {} : { temporary }),
  }
}

type Prompt = Parameters<App["complete"]>[0]["prompt"]

const wirePrompt = (prompt: Prompt) =>
  prompt.type === "tokens" ? { type: prompt.type, tokens: [...prompt.tokens] } : prompt

/** The answer's own events; those before it are told to whoever asked. */
async function* withoutWaiting(
  events: AsyncIterable<WaitEvent | ChatEvent>,
  { onWait, onLoad }: RunOptions,
): AsyncIterable<ChatEvent> {
  let toldLoad = false
  for await (const event of events) {
    if (event.type === "queue-progress") {
      onWait?.(event)
    } else if (event.type === "load-progress") {
      onWait?.(event)
      if (!toldLoad) onLoad?.(event.model)
      toldLoad = true
    } else yield event
  }
}

/** Paths of files as the server can find them; names stay what they are. */
function absoluteReference(reference: string, folder: string): string {
  return reference
    .split(/(?<=\.gguf)\+/i)
    .map((part) => (isRelativePath(part) ? resolve(folder, part) : part))
    .join("+")
}

/** As the library takes them: what a shell user would read as one, and a bare `name.gguf`. */
const isRelativePath = (part: string): boolean =>
  /^\.{1,2}[\\/]/.test(part) ||
  (/\.gguf$/i.test(part) &&
    !/^(?:\/|~[\\/]|\\\\|[A-Za-z][A-Za-z0-9.]*:)/.test(part) &&
    !/^(?:hf\.co|huggingface\.co)\//i.test(part))
