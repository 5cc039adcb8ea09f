// The routes of the native API, each as a function.
import { BenchEvent, BenchReport } from "../bench.ts"
import { CatalogueMatch, Welcome } from "../catalogue.ts"
import { ChatEvent } from "../chat-event.ts"
import { Conversation, StoredMessage } from "../conversation.ts"
import { fromErrorBody } from "../errors.ts"
import { HardwareFacts } from "../hardware-facts.ts"
import { ConversationEvent, ConversationLabels, EmptiedTrash, ImportReport, SearchHit } from "../history.ts"
import { Job } from "../job.ts"
import { JobEvent } from "../job-event.ts"
import { CreatedKey, KeySummary } from "../key.ts"
import { DoctorReport, LedgerEntry, PrivacyStatus } from "../ledger-entry.ts"
import { LiveActivity } from "../live-activity.ts"
import { ContextChoice, ModelSummary, RunningModel } from "../model-summary.ts"
import {
  CallerFacts,
  InsertedSystemText,
  Lock,
  ModelDetails,
  NativeEmbedded,
  NativeLoaded,
  NativeRendered,
  NativeReranked,
  NativeText,
  NativeTokens,
  Stopped,
} from "../native-api.ts"
import { ClearedPrefixes, PinnedPrefix, PrefixStatus } from "../prefixes.ts"
import { StoredPrompt } from "../prompt.ts"
import { ModelName, Removal, RemovedModel } from "../removed-model.ts"
import { z } from "../schema.ts"
import { Setting } from "../setting.ts"
import { Erased, StorageReport } from "../storage.ts"
import { WaitEvent } from "../wait-event.ts"
import type { Client, ClientOptions } from "./client.ts"
import { type Call, createTransport, type Transport } from "./transport.ts"

/** Sends nothing yet. */
export function createClient(options: ClientOptions): Client {
  const transport = createTransport(options)
  const get = <Schema extends z.ZodType>(path: string, schema: Schema, signal?: AbortSignal) =>
    transport.answer({ method: "GET", path }, schema, signal)
  const post = <Schema extends z.ZodType>(
    path: string,
    body: unknown,
    schema: Schema,
    signal?: AbortSignal,
  ) => transport.answer({ method: "POST", path, body }, schema, signal)
  const one = (list: string, id: string): string => `${list}/${encodeURIComponent(id)}`

  return {
    chat: (request, signal) => answerEvents(transport, "chat", request, signal),
    complete: (request, signal) => answerEvents(transport, "complete", request, signal),
    embed: (request, signal) => post("embed", request, NativeEmbedded, signal),
    rerank: (request, signal) => post("rerank", request, NativeReranked, signal),
    load: (request, signal) => post("load", request, NativeLoaded, signal),
    tokenize: async (request, signal) => (await post("tokenize", request, NativeTokens, signal)).tokens,
    detokenize: async (request, signal) => (await post("detokenize", request, NativeText, signal)).text,
    render: (request, signal) => post("render", request, NativeRendered, signal),
    insertedSystem: async (model, signal) =>
      (await post("inserted-system", { model }, InsertedSystemText, signal)).system ?? undefined,
    models: {
      list: (signal) => get("models", z.array(ModelSummary), signal),
      show: (name, signal) => get(one("models", name), ModelDetails, signal),
      running: (signal) => get("running", z.array(RunningModel), signal),
      stop: async (model, signal) => (await post("stop", { model }, Stopped, signal)).stopped,
      unload: async (signal) => (await post("unload", {}, Stopped, signal)).stopped,
      search: ({ query, remote } = {}, signal) =>
        get(`catalogue${queryOf({ query, remote: remote?.toString() })}`, z.array(CatalogueMatch), signal),
      remove: (name, { forGood } = {}, signal) =>
        transport.answer(
          {
            method: "DELETE",
            path: `${one("models", name)}${queryOf({ forGood: forGood?.toString() })}`,
          },
          Removal,
          signal,
        ),
      removed: (signal) => get("removed-models", z.array(RemovedModel), signal),
      restore: async (name, signal) => (await post("models/restore", { name }, ModelName, signal)).name,
      contexts: (name, signal) => get(`${one("models", name)}/contexts`, z.array(ContextChoice), signal),
      copy: (name, to, signal) =>
        transport.done({ method: "POST", path: `${one("models", name)}/copy`, body: { to } }, signal),
    },
    conversations: {
      list: (page = {}, signal) => get(`conversations${queryOf({ ...page })}`, z.array(Conversation), signal),
      create: (change, signal) => post("conversations", change, Conversation, signal),
      get: (id, signal) => get(one("conversations", id), Conversation, signal),
      change: (id, body, signal) =>
        transport.answer({ method: "PATCH", path: one("conversations", id), body }, Conversation, signal),
      remove: (id, how = {}, signal) =>
        transport.done(
          { method: "DELETE", path: `${one("conversations", id)}${queryOf({ ...how })}` },
          signal,
        ),
      restore: (id, signal) => post(`${one("conversations", id)}/restore`, undefined, Conversation, signal),
      emptyTrash: async (signal) =>
        (await post("conversations/empty-trash", undefined, EmptiedTrash, signal)).removed,
      labels: (signal) => get("conversations/labels", ConversationLabels, signal),
      search: (query, options = {}, signal) =>
        get(`conversations/search${queryOf({ query, ...options })}`, z.array(SearchHit), signal),
      changes: (signal) => conversationEvents(transport, signal),
      export: (id, format, signal) =>
        transport.text(
          {
            method: "GET",
            path: `${id === null ? "conversations" : one("conversations", id)}/export${queryOf({ format })}`,
          },
          signal,
        ),
      import: (file, signal) => post("conversations/import", file, ImportReport, signal),
      title: (id, wish = {}, signal) => post(`${one("conversations", id)}/title`, wish, Conversation, signal),
      messages: (id, signal) => get(`${one("conversations", id)}/messages`, z.array(StoredMessage), signal),
      summarise: (id, wish, signal) =>
        answerEvents(transport, `${one("conversations", id)}/summary`, wish, signal),
      append: (id, message, signal) =>
        post(`${one("conversations", id)}/messages`, message, StoredMessage, signal),
      chat: (id, turn, signal) => answerEvents(transport, `${one("conversations", id)}/chat`, turn, signal),
    },
    endTemporaryChat: (id, signal) =>
      transport.done({ method: "DELETE", path: one("temporary-chats", id) }, signal),
    prompts: {
      list: (signal) => get("prompts", z.array(StoredPrompt), signal),
      create: (prompt, signal) => post("prompts", prompt, StoredPrompt, signal),
      change: (id, body, signal) =>
        transport.answer({ method: "PATCH", path: one("prompts", id), body }, StoredPrompt, signal),
      remove: (id, signal) => transport.done({ method: "DELETE", path: one("prompts", id) }, signal),
    },
    jobs: {
      list: (signal) => get("jobs", z.array(Job), signal),
      start: (job, signal) => post("jobs", job, Job, signal),
      get: (id, signal) => get(one("jobs", id), Job, signal),
      events(id, signal) {
        const call: Call = { method: "GET", path: `${one("jobs", id)}/events` }
        const isLast = ({ type }: JobEvent): boolean => type === "finish" || type === "error"
        return transport.events(call, JobEvent, isLast, signal)
      },
      cancel: (id, signal) => post(`${one("jobs", id)}/cancel`, undefined, Job, signal),
      resume: (id, options, signal) => post(`${one("jobs", id)}/resume`, options, Job, signal),
    },
    prefixes: {
      status: (signal) => get("prefixes", PrefixStatus, signal),
      clear: (wish, signal) => post("prefixes/clear", wish, ClearedPrefixes, signal),
      pin: (wish, signal) => post("prefixes/pins", wish, PinnedPrefix, signal),
      unpin: (name, signal) => transport.done({ method: "DELETE", path: one("prefixes/pins", name) }, signal),
    },
    privacy: {
      status: (signal) => get("privacy", PrivacyStatus, signal),
      ledger: (signal) => get("ledger", z.array(LedgerEntry), signal),
      lock: (signal) => get("lock", Lock, signal),
      setLock: (lock, signal) =>
        transport.answer({ method: "PUT", path: "lock", body: { lock } }, Lock, signal),
      allowHost: (host, signal) => post("allowed-hosts", { host }, Lock, signal),
      disallowHost: (host, signal) =>
        transport.answer({ method: "DELETE", path: one("allowed-hosts", host) }, Lock, signal),
      storage: (signal) => get("storage", StorageReport, signal),
      erase: (wish = {}, signal) => post("erase", { confirm: "erase", ...wish }, Erased, signal),
    },
    keys: {
      list: (signal) => get("keys", z.array(KeySummary), signal),
      create: (key, signal) => post("keys", key, CreatedKey, signal),
      revoke: (id, signal) =>
        transport.answer({ method: "DELETE", path: one("keys", id) }, KeySummary, signal),
    },
    bench: {
      async *run(request, signal) {
        const call: Call = { method: "POST", path: "bench", body: request }
        const isLast = ({ type }: BenchEvent): boolean => type === "finish" || type === "error"
        for await (const event of transport.events(call, BenchEvent, isLast, signal)) {
          if (event.type === "error") throw fromErrorBody(event)
          yield event
        }
      },
      history: (model, signal) => get(`bench${queryOf({ model })}`, z.array(BenchReport), signal),
    },
    welcome: (signal) => get("welcome", Welcome, signal),
    machine: (signal) => get("machine", HardwareFacts, signal),
    activity: (signal) => get("activity", LiveActivity, signal),
    settings: (signal) => get("settings", z.array(Setting), signal),
    setSetting: (key, value, signal) =>
      transport.answer({ method: "PUT", path: one("settings", key), body: { value } }, Setting, signal),
    doctor: (signal) => get("doctor", DoctorReport, signal),
    stopServer: (signal) => transport.done({ method: "POST", path: "stop-server" }, signal),
    caller: (signal) => get("caller", CallerFacts, signal),
  }
}

const AnswerEvent = z.union([ChatEvent, WaitEvent])

async function* answerEvents(
  transport: Transport,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
): AsyncGenerator<WaitEvent | ChatEvent, void> {
  let started = false
  const isLast = ({ type }: WaitEvent | ChatEvent): boolean => type === "finish" || type === "error"
  for await (const event of transport.events({ method: "POST", path, body }, AnswerEvent, isLast, signal)) {
    if (event.type === "start") started = true
    if (event.type === "error" && !started) throw fromErrorBody(event)
    yield event
  }
}

async function* conversationEvents(
  transport: Transport,
  signal: AbortSignal | undefined,
): AsyncGenerator<Exclude<ConversationEvent, { type: "error" }>, void> {
  const call: Call = { method: "GET", path: "conversations/changes" }
  for await (const event of transport.events(call, ConversationEvent, () => false, signal)) {
    if (event.type === "error") throw fromErrorBody(event)
    yield event
  }
}

function queryOf(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const parts = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  return parts.length === 0 ? "" : `?${parts.join("&")}`
}
